/** What the page shows and announces in a given state, as plain data. render.ts shows it. */
import {
  acceptsCodes,
  type Page,
  secondsLeft,
  shortestCode,
  slowAnswerMs,
  slowStartMs,
  withoutExpired,
} from './page.ts'
import { usualOrder } from './shuffle.ts'
import { fill, type Language, type Translation, translations } from './translations/translations.ts'

export interface View {
  readonly scene: Scene
  readonly language: Language
  readonly words: Translation
  readonly doorName: string
  /** As in `#icon-…` of index.html. */
  readonly icon: string
  /** The one sentence that states the situation. */
  readonly sentence: string
  /** The visitor's name within the sentence, in any script. */
  readonly name: string | null
  readonly detail: string | null
  readonly visitNumber: number | null
  readonly countdown: string | null
  /** `null` when no code can be typed now. */
  readonly keypad: Keypad | null
  /** `null` when it cannot ring: without a working daemon, or while the door is unlocked. */
  readonly bell: { readonly label: string; readonly icon: 'bell' | 'check' | 'stop' } | null
  /** The QR code for a phone, where ringing with it may help. */
  readonly scan: { readonly picture: string; readonly label: string; readonly alt: string } | null
  /** The primary control, if any. */
  readonly next: 'confirm' | 'bell' | null
  /** Whether a touched digit counts only once it was held. */
  readonly mustHold: boolean
  /** What is said aloud; null: nothing. */
  readonly spoken: string | null
  /** For screen readers: what changes on the page besides the sentence. */
  readonly announcement: string
}

interface Keypad {
  readonly typed: number
  readonly digits: number
  /** The number of typed digits; the digits themselves are never read out. */
  readonly typedLabel: string
  readonly canConfirm: boolean
  /** The digits in the order of their places. */
  readonly order: string
}

/** Icon, sentence and detail of each scene; exceptions are in `wordsFor`. */
const scenes = {
  starting: ['wait', 'oneMoment'],
  'starting-again': ['wait', 'startingAgain'],
  idle: ['door', 'idle'],
  here: ['person', 'here', 'hereDetail'],
  waiting: ['asking', 'waiting', 'waitingDetail'],
  sent: ['phone', 'sent', 'sentDetail'],
  'no-answer': ['bell', 'noAnswer', 'noAnswerDetail'],
  refused: ['stop', 'refused', 'refusedDetail'],
  offline: ['offline', 'offline', 'offlineDetail'],
  typing: ['door', 'typing'],
  complete: ['door', 'complete'],
  checking: ['wait', 'oneMoment'],
  greeted: ['door-open', 'welcome', 'open'],
  open: ['door-open', 'open'],
  denied: ['stop', 'denied', 'tryAgain'],
  'not-opened': ['alert', 'notOpened', 'notOpenedDetail'],
  fault: ['alert', 'fault', 'tryAgain'],
  paused: ['pause', 'paused', 'pausedDetail'],
  'clock-unknown': ['clock', 'clockUnknown', 'clockUnknownDetail'],
  private: ['moon', 'private', 'privateDetail'],
  shut: ['stop', 'shut', 'shutDetail'],
  'out-of-order': ['alert', 'outOfOrder', 'outOfOrderDetail'],
} as const satisfies Record<string, readonly [string, keyof Translation, (keyof Translation)?]>

export type Scene = keyof typeof scenes

export function viewOf(unexpired: Page, nowMs: number): View {
  const page = withoutExpired(unexpired, nowMs)
  const scene = sceneOf(page, nowMs)
  const language = languageOf(page)
  const words = translations[language]
  const keypad = keypadOf(page, words, nowMs)
  const bell = bellOf(page, words)
  const said = wordsFor(page, scene, words, nowMs)
  const options = lastState(page)?.options
  return {
    scene,
    language,
    words,
    doorName: lastState(page)?.doorName || words.door,
    icon: scenes[scene][0],
    ...said,
    visitNumber: visitOf(page)?.number ?? null,
    countdown: isWaiting(page, scene, nowMs) ? clockFace(secondsLeft(page, nowMs)) : null,
    keypad,
    bell,
    scan: scanOf(page, scene, words),
    next: nextFor(scene, bell !== null),
    mustHold: options?.longPress ?? false,
    spoken: options?.speech ? spokenFor(page, scene, words, said) : null,
    announcement: announcementFor(page, keypad, nowMs),
  }
}

// ---------------------------------------------------------------- scene

function sceneOf(page: Page, nowMs: number): Scene {
  const { link, verdict, sending, typed } = page
  if (link.kind === 'starting') return 'starting'
  if (link.kind === 'lost') return 'starting-again'
  if (verdict?.kind === 'greeting') return 'greeted'
  if (sending) return nowMs < sending.sinceMs + slowAnswerMs ? 'complete' : 'checking'
  if (link.state.lock === 'unlocked') return 'open'
  if (verdict) return verdict.kind
  if (link.state.keypad === 'out-of-order') return 'out-of-order'
  if (link.state.keypad === 'shut') return 'shut'
  if (nowMs < page.pausedUntilMs) return 'paused'
  if (typed !== '') return typed.length < link.state.digits ? 'typing' : 'complete'
  if (link.state.keypad === 'private') return 'private'
  if (link.state.keypad === 'clock-unknown') return 'clock-unknown'
  return visitScene(page, link.state.online)
}

function visitScene(page: Page, online: boolean): Scene {
  const status = visitOf(page)?.status
  switch (status) {
    case 'code-sent':
      return 'sent'
    case 'denied':
      return 'refused'
    case 'no-answer':
      return 'no-answer'
    // Without a network the owner cannot be asked, so these two would promise too much.
    case 'here':
      return online ? 'here' : 'offline'
    case 'waiting-for-owner':
      return online ? 'waiting' : 'offline'
    case undefined:
      return online ? 'idle' : 'offline'
    default:
      return status satisfies never
  }
}

/** An unlocked door needs no visit number: the visitor can come in. */
function visitOf({ link, verdict }: Page) {
  if (link.kind !== 'up' || verdict?.kind === 'greeting') return null
  return link.state.lock === 'locked' ? link.state.visit : null
}

function lastState({ link }: Page) {
  if (link.kind === 'starting') return null
  return link.kind === 'up' ? link.state : link.before
}

function languageOf(page: Page): Language {
  const { verdict } = page
  if (verdict && 'language' in verdict) return verdict.language
  return page.chosen?.language ?? lastState(page)?.language ?? 'en'
}

/** After wrong codes, from the moment at which the last one is refused. */
const isWaiting = (page: Page, scene: Scene, nowMs: number): boolean =>
  (scene === 'paused' || scene === 'denied') && secondsLeft(page, nowMs) > 0

// ---------------------------------------------------------------- words

function wordsFor(page: Page, scene: Scene, words: Translation, nowMs: number) {
  const name = page.verdict?.kind === 'greeting' ? page.verdict.name.trim() : null
  if (name === '') return { sentence: words.open, name: null, detail: null }
  const [, sentence, usualDetail] = scenes[scene]
  const detail = detailFor(page, scene, nowMs) ?? usualDetail
  const digits = lastState(page)?.digits ?? ''
  return {
    sentence: fill(words[sentence], { digits, confirm: words.confirm, name: name ?? '' }),
    name,
    detail: detail === undefined ? null : words[detail],
  }
}

function detailFor(page: Page, scene: Scene, nowMs: number): keyof Translation | null {
  const { link } = page
  const startsSlowly = link.kind === 'lost' && nowMs >= link.sinceMs + slowStartMs
  if (startsSlowly) return 'stillStarting'
  // Without a network the owner hears of it later.
  const isOffline = link.kind === 'up' && !link.state.online
  if (scene === 'not-opened' && isOffline) return 'notOpenedOffline'
  if (mustBeHeld.includes(scene) && link.kind === 'up' && link.state.options.longPress)
    return 'hold'
  if (scene !== 'denied') return null
  // The bell would disturb, too.
  if (link.kind === 'up' && link.state.keypad === 'private') return 'privateDetail'
  return isWaiting(page, scene, nowMs) ? 'pausedDetail' : null
}

const mustBeHeld: readonly Scene[] = ['idle', 'typing']

/** Not while a person types, and not to an empty street. */
const silent: readonly Scene[] = ['starting', 'starting-again', 'idle', 'typing', 'checking']

/** Nothing beyond what the screen shows to everyone. */
function spokenFor(
  { bell }: Page,
  scene: Scene,
  words: Translation,
  { sentence, detail }: Pick<View, 'sentence' | 'detail'>,
): string | null {
  if (bell.kind === 'rung') return words.bellRung
  if (bell.kind === 'failed') return words.bellFailed
  if (silent.includes(scene)) return null
  return detail === null ? sentence : `${sentence} ${detail}`
}

function announcementFor(page: Page, keypad: Keypad | null, nowMs: number): string {
  const language = languageOf(page)
  const words = translations[language]
  if (page.bell.kind === 'rung') return words.bellRung
  if (page.bell.kind === 'failed') return words.bellFailed
  if (isWaiting(page, sceneOf(page, nowMs), nowMs)) {
    return `${words.worksAgainIn} ${spokenTime(secondsLeft(page, nowMs), language)}`
  }
  return keypad && keypad.typed > 0 ? keypad.typedLabel : ''
}

/** 0:07, 0:30: the same in all languages here. */
const clockFace = (seconds: number): string =>
  `${Math.floor(seconds / 60)}:${String(seconds % 60).padStart(2, '0')}`

/** Rounded up, and more coarsely for longer times, so that a screen reader does not count. */
function spokenTime(seconds: number, language: Language): string {
  const roundTo = seconds <= 10 ? 5 : seconds <= 30 ? 10 : 60
  const rounded = Math.ceil(seconds / roundTo) * roundTo
  const [unit, size] = rounded < 60 ? (['second', 1] as const) : (['minute', 60] as const)
  const format = new Intl.NumberFormat(language, { style: 'unit', unit, unitDisplay: 'long' })
  return format.format(rounded / size)
}

// ---------------------------------------------------------------- controls

function keypadOf(page: Page, words: Translation, nowMs: number): Keypad | null {
  const { link, typed, sending } = page
  // The keypad stays while a code is checked, so that nothing moves.
  if (link.kind !== 'up' || !(sending || acceptsCodes(page, nowMs))) return null
  // A code sent before the owner chose shorter codes is longer, and must fit.
  const digits = Math.max(link.state.digits, typed.length)
  return {
    typed: typed.length,
    digits,
    typedLabel: fill(words.typedCount, { count: typed.length, digits }),
    canConfirm: !sending && typed.length >= shortestCode,
    order: link.state.options.shuffle ? page.order : usualOrder,
  }
}

function bellOf({ link, verdict, bell }: Page, words: Translation): View['bell'] {
  if (link.kind !== 'up' || link.state.lock === 'unlocked' || verdict?.kind === 'greeting') {
    return null
  }
  if (['out-of-order', 'private'].includes(link.state.keypad)) return null
  switch (bell.kind) {
    case 'quiet':
    case 'pressed':
      return { label: words.bell, icon: 'bell' }
    case 'rung':
      return { label: words.bellRung, icon: 'check' }
    case 'failed':
      return { label: words.bellFailed, icon: 'stop' }
    default:
      return bell satisfies never
  }
}

/** Not to those who were turned away, have a code on their phone, or are typing one. */
const canScan: readonly Scene[] = ['here', 'waiting', 'no-answer']

function scanOf({ link }: Page, scene: Scene, words: Translation): View['scan'] {
  if (link.kind !== 'up' || link.state.scan === null || !canScan.includes(scene)) return null
  // Its end is enough to load another picture when the code changes.
  const picture = `/api/scan.svg?${link.state.scan.slice(-10)}`
  return { picture, label: words.scan, alt: words.scanAlt }
}

const needHelp: readonly Scene[] = ['not-opened', 'paused', 'clock-unknown', 'shut', 'no-answer']

function nextFor(scene: Scene, canRing: boolean): View['next'] {
  if (scene === 'complete') return 'confirm'
  return needHelp.includes(scene) && canRing ? 'bell' : null
}
