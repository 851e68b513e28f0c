/** A defect that can no longer be planted proves nothing, so each edit must still fit the sources. */
import { test } from 'vitest'
import { attacks } from '../attacks/attacks.ts'
import { brokenBuilds } from './broken-builds.ts'
import { mutants } from './mutants.ts'
import { applyEdits } from './patched-sources.ts'

const weaknesses = attacks.map(({ weakness }) => weakness)

test.each([...brokenBuilds, ...mutants, ...weaknesses])(
  'can still be planted: $name',
  ({ edits }) => {
    applyEdits(edits)
  },
)
