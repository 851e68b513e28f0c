/** What the doctor says about one thing. */
export interface Finding {
  readonly check: string
  /** `better`: the door works, but somebody should look at it some day. */
  readonly level: 'well' | 'better' | 'wrong'
  readonly sentence: string
  /** What to do about it. */
  readonly remedy?: string
}

export const well = (check: string, sentence: string): Finding => ({
  check,
  level: 'well',
  sentence,
})

export const better = (check: string, sentence: string, remedy: string): Finding => ({
  check,
  level: 'better',
  sentence,
  remedy,
})

export const wrong = (check: string, sentence: string, remedy: string): Finding => ({
  check,
  level: 'wrong',
  sentence,
  remedy,
})
