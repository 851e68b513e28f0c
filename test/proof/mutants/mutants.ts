/** Small defects across the product, each with the tests that must notice it. */
import type { Edit } from './patched-sources.ts'

export interface Mutant {
  readonly name: string
  readonly edits: readonly Edit[]
  /** Paths of test files, relative to the project. */
  readonly tests: readonly string[]
  /** Noticed by the long form only. */
  readonly isProof?: boolean
}

export const mutants: readonly Mutant[] = []
