/** What a check found: one sentence, and what to do if something must be done. */
export interface Finding {
  readonly state: 'good' | 'note' | 'problem'
  readonly sentence: string
  readonly advice?: string
}

export const good = (sentence: string): Finding => ({ state: 'good', sentence })
/** Nothing stands in the way of a deployment, but something will not work yet. */
export const note = (sentence: string, advice: string): Finding => ({
  state: 'note',
  sentence,
  advice,
})
export const problem = (sentence: string, advice: string): Finding => ({
  state: 'problem',
  sentence,
  advice,
})
