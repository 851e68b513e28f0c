/** A defect that can no longer be planted proves nothing, so each edit must still fit the sources. */
import { test } from 'vitest'
import { brokenBuilds } from './broken-builds.ts'
import { mutants } from './mutants.ts'
import { applyEdits } from './patched-sources.ts'

test.each([...brokenBuilds, ...mutants])('can still be planted: $name', ({ edits }) => {
  applyEdits(edits)
})
