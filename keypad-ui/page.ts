/**
 * What the page knows, and what it does about everything that happens to it. Decides only: the
 * orders it gives are carried out in keypad.ts, and what is to be seen is worked out in view.ts.
 */
import type { CodeAnswer, KeypadState } from '../protocol/keypad-api.ts'
import type { Language } from './translations/translations.ts'

export interface Page {
  readonly link: Link
  /** Never leaves this page but in one request, and never outlives the visitor who typed it. */
  readonly typed: string
  readonly sending: Sending | null
  readonly attempts: number
  readonly verdict: Verdict | null
  readonly bell: Bell
  readonly pausedUntilMs: number
  readonly chosen: Choice | null
  readonly lastInputMs: number
}

type Link =
  | { readonly kind: 'starting' }
  | { readonly kind: 'up'; readonly state: KeypadState }
  /** Of the state from before only what cannot have grown stale is still used. */
  | { readonly kind: 'lost'; readonly sinceMs: number; readonly before: KeypadState | null }

interface Sending {
  readonly attempt: number
  readonly sinceMs: number
  readonly lock: 'untouched' | 'opened' | 'closed-again'
}

type Verdict =
  | {
      readonly kind: 'greeting'
      readonly name: string
      readonly language: Language
      readonly sawLockOpen: boolean
      readonly untilMs: number
    }
  | { readonly kind: 'denied'; readonly untilMs: number }
  | { readonly kind: 'fault'; readonly untilMs: number }

type Bell =
  | { readonly kind: 'quiet' }
  | { readonly kind: 'pressed' }
  | { readonly kind: 'rung' | 'failed'; readonly untilMs: number }

/** Belongs to the visit it was made in, or to the one that it made the door notice. */
interface Choice {
  readonly language: Language
  readonly visitNumber: number | null
}

export type Happening =
  | { readonly kind: 'state'; readonly state: KeypadState }
  | { readonly kind: 'link-lost' }
  | { readonly kind: 'digit'; readonly digit: string }
  | { readonly kind: 'erase' }
  | { readonly kind: 'clear' }
  | { readonly kind: 'confirm' }
  | { readonly kind: 'answer'; readonly attempt: number; readonly answer: CodeAnswer | null }
  | { readonly kind: 'bell' }
  | { readonly kind: 'bell-answer'; readonly rung: boolean }
  | { readonly kind: 'language'; readonly language: Language }
  | { readonly kind: 'time-passed' }

export type Order =
  | { readonly kind: 'send-code'; readonly code: string; readonly attempt: number }
  | { readonly kind: 'ring' }
  | { readonly kind: 'play'; readonly sound: 'opening' | 'closing' }

interface Step {
  readonly page: Page
  readonly orders: readonly Order[]
}

/** No code is shorter, and none longer. Confirming is possible from here on, whatever length the door now prefers. */
export const shortestCode = 6
const longestCode = 8

/** After this long without a touch, the page belongs to whoever comes next. */
const quietMs = 30_000
const verdictMs = 5_000
const bellMs = 4_000
/** The daemon says when the lock has closed; this is for when it does not. */
const greetingGraceMs = 1_000

/** An answer usually takes a few milliseconds; only a slow one is worth a word. */
export const slowAnswerMs = 400
export const slowStartMs = 10_000

export const newPage: Page = {
  link: { kind: 'starting' },
  typed: '',
  sending: null,
  attempts: 0,
  verdict: null,
  bell: { kind: 'quiet' },
  pausedUntilMs: 0,
  chosen: null,
  lastInputMs: 0,
}

/** Whether a code may be typed and sent. The link's state is what counts, never a memory of it. */
export function takesCodes({ link, verdict, pausedUntilMs }: Page, nowMs: number): boolean {
  if (link.kind !== 'up' || verdict?.kind === 'greeting') return false
  const { lock, keypad } = link.state
  const judged = keypad !== 'clock-unknown' && keypad !== 'shut'
  return lock === 'locked' && judged && nowMs >= pausedUntilMs
}

export function step(before: Page, happening: Happening, nowMs: number): Step {
  const page = withoutExpired(before, nowMs)
  switch (happening.kind) {
    case 'state':
      return stateCame(page, happening.state, nowMs)
    case 'link-lost':
      return quietly(linkLost(page, nowMs))
    case 'digit':
      return quietly(digitTyped(page, happening.digit, nowMs))
    case 'erase':
      return quietly(retyped(page, page.typed.slice(0, -1), nowMs))
    case 'clear':
      return quietly(retyped(page, '', nowMs))
    case 'confirm':
      return confirmed(page, nowMs)
    case 'answer':
      return quietly(answerCame(page, happening.attempt, happening.answer, nowMs))
    case 'bell':
      return bellPressed(page, nowMs)
    case 'bell-answer':
      return quietly(bellAnswered(page, happening.rung, nowMs))
    case 'language':
      return quietly(languageChosen(page, happening.language, nowMs))
    case 'time-passed':
      return quietly(page)
    default:
      return happening satisfies never
  }
}

const quietly = (page: Page): Step => ({ page, orders: [] })

// ---------------------------------------------------------------- from the daemon

function stateCame(page: Page, state: KeypadState, nowMs: number): Step {
  const before = page.link.kind === 'up' ? page.link.state : null
  const opening = before?.lock === 'locked' && state.lock === 'unlocked'
  const closing = before?.lock === 'unlocked' && state.lock === 'locked'
  const next: Page = {
    ...page,
    link: { kind: 'up', state },
    sending: page.sending && { ...page.sending, lock: lockDuring(page.sending, opening, closing) },
    verdict: verdictAfter(page.verdict, state),
    pausedUntilMs: state.keypad === 'paused' ? nowMs + state.pausedForMs : 0,
    chosen: choiceIn(state, page.chosen),
  }
  // While a code is being judged its dots stay, although the lock may open before the answer is in.
  const keepsTyped = next.sending !== null || takesCodes(next, nowMs)
  return {
    page: keepsTyped ? next : { ...next, typed: '' },
    orders: opening || closing ? [{ kind: 'play', sound: opening ? 'opening' : 'closing' }] : [],
  }
}

function lockDuring({ lock }: Sending, opening: boolean, closing: boolean): Sending['lock'] {
  if (opening) return 'opened'
  return closing ? 'closed-again' : lock
}

/** A greeting ends when the lock closes, which is only known once it has been seen open. */
function verdictAfter(verdict: Verdict | null, { lock }: KeypadState): Verdict | null {
  if (verdict?.kind !== 'greeting') return verdict
  if (lock === 'unlocked') return { ...verdict, sawLockOpen: true }
  return verdict.sawLockOpen ? null : verdict
}

function choiceIn({ visit }: KeypadState, chosen: Choice | null): Choice | null {
  if (!visit || !chosen) return chosen
  if (chosen.visitNumber === null) return { ...chosen, visitNumber: visit.number }
  return chosen.visitNumber === visit.number ? chosen : null
}

function linkLost(page: Page, nowMs: number): Page {
  const { link } = page
  const before = link.kind === 'up' ? link.state : null
  return {
    ...page,
    link: link.kind === 'lost' ? link : { kind: 'lost', sinceMs: nowMs, before },
    typed: '',
    sending: null,
    verdict: null,
    bell: newPage.bell,
    pausedUntilMs: 0,
  }
}

function answerCame(page: Page, attempt: number, answer: CodeAnswer | null, nowMs: number): Page {
  const { sending, link } = page
  // An answer that arrives after the link was lost and found is about a moment long gone.
  if (sending?.attempt !== attempt || link.kind !== 'up') return page
  const done = { ...page, sending: null, typed: '' }
  const untilMs = nowMs + verdictMs
  if (!answer) return { ...done, verdict: { kind: 'fault', untilMs } }
  if (answer.outcome === 'accepted') {
    return { ...done, verdict: greeting(answer, sending, link, nowMs) }
  }
  const pausedUntilMs = answer.pausedForMs > 0 ? nowMs + answer.pausedForMs : page.pausedUntilMs
  if (answer.outcome === 'paused') return { ...done, pausedUntilMs }
  return { ...done, pausedUntilMs, verdict: { kind: 'denied', untilMs } }
}

function greeting(
  answer: Extract<CodeAnswer, { outcome: 'accepted' }>,
  sending: Sending,
  link: Extract<Link, { kind: 'up' }>,
  nowMs: number,
): Verdict | null {
  if (sending.lock === 'closed-again') return null
  return {
    kind: 'greeting',
    name: answer.visitorName,
    language: answer.language,
    sawLockOpen: link.state.lock === 'unlocked',
    untilMs: nowMs + answer.unlockedForMs + greetingGraceMs,
  }
}

function bellAnswered(page: Page, rung: boolean, nowMs: number): Page {
  if (page.bell.kind !== 'pressed') return page
  return { ...page, bell: { kind: rung ? 'rung' : 'failed', untilMs: nowMs + bellMs } }
}

// ---------------------------------------------------------------- from the visitor

function digitTyped(page: Page, digit: string, nowMs: number): Page {
  const { link, typed } = page
  const isFull = link.kind !== 'up' || typed.length >= longestCode
  return isFull ? page : retyped(page, typed + digit, nowMs)
}

function retyped(page: Page, typed: string, nowMs: number): Page {
  if (page.sending || !takesCodes(page, nowMs)) return page
  return { ...page, typed, verdict: null, lastInputMs: nowMs }
}

function confirmed(page: Page, nowMs: number): Step {
  const { typed, sending } = page
  if (sending || typed.length < shortestCode || !takesCodes(page, nowMs)) return quietly(page)
  const attempt = page.attempts + 1
  return {
    page: {
      ...page,
      attempts: attempt,
      sending: { attempt, sinceMs: nowMs, lock: 'untouched' },
      lastInputMs: nowMs,
    },
    orders: [{ kind: 'send-code', code: typed, attempt }],
  }
}

function bellPressed(page: Page, nowMs: number): Step {
  const canRing = page.link.kind === 'up' && ['quiet', 'failed'].includes(page.bell.kind)
  if (!canRing) return quietly(page)
  return {
    page: { ...page, bell: { kind: 'pressed' }, lastInputMs: nowMs },
    orders: [{ kind: 'ring' }],
  }
}

function languageChosen(page: Page, language: Language, nowMs: number): Page {
  const visitNumber = page.link.kind === 'up' ? (page.link.state.visit?.number ?? null) : null
  return { ...page, chosen: { language, visitNumber }, lastInputMs: nowMs }
}

// ---------------------------------------------------------------- what only time does

export function withoutExpired(page: Page, nowMs: number): Page {
  const { verdict, bell, sending } = page
  const isQuiet = nowMs >= page.lastInputMs + quietMs
  return {
    ...page,
    verdict: verdict && nowMs < verdict.untilMs ? verdict : null,
    bell: 'untilMs' in bell && nowMs >= bell.untilMs ? newPage.bell : bell,
    typed: isQuiet && !sending ? '' : page.typed,
    chosen: isQuiet && !hasVisit(page) ? null : page.chosen,
  }
}

const hasVisit = ({ link }: Page): boolean => link.kind === 'up' && link.state.visit !== null

export const secondsLeft = ({ pausedUntilMs }: Page, nowMs: number): number =>
  Math.max(0, Math.ceil((pausedUntilMs - nowMs) / 1000))

/** When the page will look different although nothing happens, or `null` if it will not. */
export function nextChangeMs(page: Page, nowMs: number): number | null {
  const { link, verdict, bell, sending, typed, chosen, lastInputMs, pausedUntilMs } = page
  const isWaitingForQuiet = typed !== '' || (chosen !== null && !hasVisit(page))
  const moments = [
    link.kind === 'lost' ? link.sinceMs + slowStartMs : 0,
    sending ? sending.sinceMs + slowAnswerMs : 0,
    verdict?.untilMs ?? 0,
    'untilMs' in bell ? bell.untilMs : 0,
    isWaitingForQuiet ? lastInputMs + quietMs : 0,
    pausedUntilMs - (secondsLeft(page, nowMs) - 1) * 1000,
  ].filter((moment) => moment > nowMs)
  return moments.length > 0 ? Math.min(...moments) : null
}
