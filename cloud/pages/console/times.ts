/** Times as people say them: how long ago, the time of day, or the day. */
import { html } from 'hono/html'
import { dayAndTime, timeOfDay } from '../../letters/date-words.ts'
import type { Here, Html } from './console.ts'

const minuteMs = 60_000
const hourMs = 60 * minuteMs

export function time({ language, place, words }: Here, atMs: number, nowMs: number): Html {
  const said = () => {
    const agoMs = nowMs - atMs
    if (agoMs < minuteMs) return words.justNow
    if (agoMs < hourMs) {
      const minutes = new Intl.RelativeTimeFormat(language)
      return minutes.format(-Math.floor(agoMs / minuteMs), 'minute')
    }
    const written = agoMs < 12 * hourMs ? timeOfDay : dayAndTime
    return written(atMs, language, place)
  }
  return html`<time datetime="${new Date(atMs).toISOString()}">${said()}</time>`
}
