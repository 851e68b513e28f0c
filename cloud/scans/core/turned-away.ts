/** Whether a visit ended with a no, so that its visitors need not ask again. */
import type { Visit } from '../../visits/core/visit.ts'

const answers = ['denied', 'turned-away', 'undone']

export const isTurnedAway = (timeline: Visit['timeline']): boolean => {
  const last = timeline.findLast(({ what }) => answers.includes(what))
  return last !== undefined && last.what !== 'undone'
}
