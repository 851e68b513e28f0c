/** The state of the page and how events change it. keypad.ts executes the effects. */
import type { CodeAnswer, KeypadState } from '../protocol/keypad-api.ts'
import { usualOrder } from './shuffle.ts'
import type { Language } from './translations/translations.ts'

export interface Page {
  readonly link: Link
  /** Sent in one request only, and cleared when the visitor has left. */
  readonly typed: string
  readonly sending: Sending | null
  readonly attempts: number
  readonly verdict: Verdict | null
  readonly bell: Bell
  readonly pausedUntilMs: number
  readonly chosen: Choice | null
  readonly lastInputMs: number
  /** The digits in the order of their places. */
  readonly order: string
}

type Link =
  | { readonly kind: 'starting' }
  | { readonly kind: 'up'; readonly state: KeypadState }
  /** Of the earlier state only the door's name, language and code length are used. */
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
      readonly sawUnlocked: boolean
      readonly untilMs: number
    }
  | { readonly kind: 'not-opened'; readonly language: Language; readonly untilMs: number }
  | { readonly kind: 'denied'; readonly untilMs: number }
  | { readonly kind: 'fault'; readonly untilMs: number }

type Bell =
  | { readonly kind: 'quiet' }
  | { readonly kind: 'pressed' }
  | { readonly kind: 'rung' | 'failed'; readonly untilMs: number }

/** The visit in which it was made; without one, the next visit. */
interface Choice {
  readonly language: Language
  readonly visitNumber: number | null
}

export type PageEvent =
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
  | { readonly kind: 'shuffled'; readonly order: string }
  | { readonly kind: 'time-passed' }

export type Effect =
  | { readonly kind: 'send-code'; readonly code: string; readonly attempt: number }
  | { readonly kind: 'ring' }
  /** Answered by `shuffled`. */
  | { readonly kind: 'shuffle' }
  | { readonly kind: 'play'; readonly sound: 'opening' | 'closing' }

interface Step {
  readonly page: Page
  readonly effects: readonly Effect[]
}

/** Codes sent before the door's setting changed may have another length, so both limits are fixed. */
export const shortestCode = 6
/** A PIN of ten digits with the six of an app behind it. */
const longestCode = 16

/** After this time without input, the next input is from another visitor. */
const idleMs = 30_000
const verdictMs = 5_000
/** Long enough to read what to do next. */
const notOpenedMs = 15_000
const bellMs = 4_000
/** The daemon reports when the lock has closed; this ends the greeting if it does not. */
const greetingGraceMs = 1_000

/** An answer usually takes a few milliseconds; only a slow one is shown. */
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
  order: usualOrder,
}

/** Whether a code may be typed and sent, by the current state of the door. */
export function acceptsCodes({ link, verdict, pausedUntilMs }: Page, nowMs: number): boolean {
  if (link.kind !== 'up' || verdict?.kind === 'greeting') return false
  const { lock, keypad } = link.state
  // Without the time a PIN still works, and a break-glass code in privacy mode too.
  const isJudging = ['ready', 'paused', 'clock-unknown', 'private'].includes(keypad)
  return lock === 'locked' && isJudging && nowMs >= pausedUntilMs
}

export function step(before: Page, event: PageEvent, nowMs: number): Step {
  const { page, effects } = stepWithoutShuffle(before, event, nowMs)
  return wantsShuffle(before, event, page)
    ? { page, effects: [...effects, { kind: 'shuffle' }] }
    : { page, effects }
}

/** With each visit and each entry, and never under a finger that types. */
function wantsShuffle(before: Page, event: PageEvent, now: Page): boolean {
  if (now.link.kind !== 'up' || !now.link.state.options.shuffle || now.typed !== '') return false
  const isOver = before.typed !== '' && event.kind !== 'erase'
  return isOver || visitNumberOf(before) !== visitNumberOf(now)
}

const visitNumberOf = ({ link }: Page): number | null | undefined =>
  link.kind === 'up' ? (link.state.visit?.number ?? null) : undefined

function stepWithoutShuffle(before: Page, event: PageEvent, nowMs: number): Step {
  const page = withoutExpired(before, nowMs)
  switch (event.kind) {
    case 'state':
      return stateReceived(page, event.state, nowMs)
    case 'link-lost':
      return withoutEffects(linkLost(page, nowMs))
    case 'digit':
      return withoutEffects(digitTyped(page, event.digit, nowMs))
    case 'erase':
      return withoutEffects(retyped(page, page.typed.slice(0, -1), nowMs))
    case 'clear':
      return withoutEffects(retyped(page, '', nowMs))
    case 'confirm':
      return confirmed(page, nowMs)
    case 'answer':
      return withoutEffects(answerReceived(page, event.attempt, event.answer, nowMs))
    case 'bell':
      return bellPressed(page, nowMs)
    case 'bell-answer':
      return withoutEffects(bellAnswered(page, event.rung, nowMs))
    case 'language':
      return withoutEffects(languageChosen(page, event.language, nowMs))
    case 'shuffled':
      return withoutEffects(page.typed === '' ? { ...page, order: event.order } : page)
    case 'time-passed':
      return withoutEffects(page)
    default:
      return event satisfies never
  }
}

const withoutEffects = (page: Page): Step => ({ page, effects: [] })

// ---------------------------------------------------------------- events from the daemon

function stateReceived(page: Page, state: KeypadState, nowMs: number): Step {
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
  // The dots stay while a code is checked, even if the lock opens before the answer arrives.
  const keepsTyped = next.sending !== null || acceptsCodes(next, nowMs)
  return {
    page: keepsTyped ? next : { ...next, typed: '' },
    effects: opening || closing ? [{ kind: 'play', sound: opening ? 'opening' : 'closing' }] : [],
  }
}

function lockDuring({ lock }: Sending, opening: boolean, closing: boolean): Sending['lock'] {
  if (opening) return 'opened'
  return closing ? 'closed-again' : lock
}

/** A greeting ends when the lock closes, so the lock must have been seen unlocked before. */
function verdictAfter(verdict: Verdict | null, { lock }: KeypadState): Verdict | null {
  if (verdict?.kind !== 'greeting') return verdict
  if (lock === 'unlocked') return { ...verdict, sawUnlocked: true }
  return verdict.sawUnlocked ? null : verdict
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

function answerReceived(
  page: Page,
  attempt: number,
  answer: CodeAnswer | null,
  nowMs: number,
): Page {
  const { sending, link } = page
  // An answer to an attempt before the link was lost is outdated.
  if (sending?.attempt !== attempt || link.kind !== 'up') return page
  const done = { ...page, sending: null, typed: '' }
  const untilMs = nowMs + verdictMs
  if (!answer) return { ...done, verdict: { kind: 'fault', untilMs } }
  if (answer.outcome === 'accepted') {
    return { ...done, verdict: greeting(answer, sending, link, nowMs) }
  }
  if (answer.outcome === 'not-opened') {
    const { language } = answer
    return { ...done, verdict: { kind: 'not-opened', language, untilMs: nowMs + notOpenedMs } }
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
    sawUnlocked: link.state.lock === 'unlocked',
    untilMs: nowMs + answer.unlockedForMs + greetingGraceMs,
  }
}

function bellAnswered(page: Page, rung: boolean, nowMs: number): Page {
  if (page.bell.kind !== 'pressed') return page
  return { ...page, bell: { kind: rung ? 'rung' : 'failed', untilMs: nowMs + bellMs } }
}

// ---------------------------------------------------------------- events from the visitor

function digitTyped(page: Page, digit: string, nowMs: number): Page {
  const { link, typed } = page
  const isFull = link.kind !== 'up' || typed.length >= longestCode
  return isFull ? page : retyped(page, typed + digit, nowMs)
}

function retyped(page: Page, typed: string, nowMs: number): Page {
  if (page.sending || !acceptsCodes(page, nowMs)) return page
  return { ...page, typed, verdict: null, lastInputMs: nowMs }
}

function confirmed(page: Page, nowMs: number): Step {
  const { typed, sending } = page
  if (sending || typed.length < shortestCode || !acceptsCodes(page, nowMs))
    return withoutEffects(page)
  const attempt = page.attempts + 1
  return {
    page: {
      ...page,
      attempts: attempt,
      sending: { attempt, sinceMs: nowMs, lock: 'untouched' },
      lastInputMs: nowMs,
    },
    effects: [{ kind: 'send-code', code: typed, attempt }],
  }
}

function bellPressed(page: Page, nowMs: number): Step {
  const canRing = page.link.kind === 'up' && ['quiet', 'failed'].includes(page.bell.kind)
  if (!canRing) return withoutEffects(page)
  return {
    page: { ...page, bell: { kind: 'pressed' }, lastInputMs: nowMs },
    effects: [{ kind: 'ring' }],
  }
}

function languageChosen(page: Page, language: Language, nowMs: number): Page {
  const visitNumber = page.link.kind === 'up' ? (page.link.state.visit?.number ?? null) : null
  return { ...page, chosen: { language, visitNumber }, lastInputMs: nowMs }
}

// ---------------------------------------------------------------- time

export function withoutExpired(page: Page, nowMs: number): Page {
  const { verdict, bell, sending } = page
  const isIdle = nowMs >= page.lastInputMs + idleMs
  return {
    ...page,
    verdict: verdict && nowMs < verdict.untilMs ? verdict : null,
    bell: 'untilMs' in bell && nowMs >= bell.untilMs ? newPage.bell : bell,
    typed: isIdle && !sending ? '' : page.typed,
    chosen: isIdle && !hasVisit(page) ? null : page.chosen,
  }
}

const hasVisit = ({ link }: Page): boolean => link.kind === 'up' && link.state.visit !== null

export const secondsLeft = ({ pausedUntilMs }: Page, nowMs: number): number =>
  Math.max(0, Math.ceil((pausedUntilMs - nowMs) / 1000))

/** When the view changes next without an event, or `null`. */
export function nextChangeMs(page: Page, nowMs: number): number | null {
  const { link, verdict, bell, sending, typed, chosen, lastInputMs, pausedUntilMs } = page
  const isWaitingForIdle = typed !== '' || (chosen !== null && !hasVisit(page))
  const changes = [
    link.kind === 'lost' ? link.sinceMs + slowStartMs : 0,
    sending ? sending.sinceMs + slowAnswerMs : 0,
    verdict?.untilMs ?? 0,
    'untilMs' in bell ? bell.untilMs : 0,
    isWaitingForIdle ? lastInputMs + idleMs : 0,
    pausedUntilMs - (secondsLeft(page, nowMs) - 1) * 1000,
  ].filter((change) => change > nowMs)
  return changes.length > 0 ? Math.min(...changes) : null
}
