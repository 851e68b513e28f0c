/** What is to be seen and heard, given what the page knows. Plain data; render.ts puts it up. */
import {
  type Page,
  secondsLeft,
  shortestCode,
  slowAnswerMs,
  slowStartMs,
  takesCodes,
  withoutExpired,
} from './page.ts'
import { fill, type Language, type Texts, textsIn } from './translations/translations.ts'

export type Scene =
  | 'starting'
  | 'starting-again'
  | 'idle'
  | 'here'
  | 'waiting'
  | 'sent'
  | 'no-answer'
  | 'refused'
  | 'offline'
  | 'typing'
  | 'complete'
  | 'checking'
  | 'greeted'
  | 'open'
  | 'denied'
  | 'fault'
  | 'paused'
  | 'clock-unknown'
  | 'shut'

export interface View {
  readonly scene: Scene
  readonly language: Language
  readonly texts: Texts
  readonly doorName: string
  readonly picture: Picture
  /** The one sentence that says how things stand. */
  readonly sentence: string
  /** The part of the sentence that is somebody's name, in whatever script it is written. */
  readonly name: string | null
  readonly detail: string | null
  readonly visitNumber: number | null
  readonly countdown: string | null
  /** `null` when no code can be typed now. */
  readonly keypad: Keypad | null
  /** `null` when there is nobody to take the ringing, or nothing left to ring for. */
  readonly bell: { readonly label: string; readonly picture: 'bell' | 'check' | 'stop' } | null
  /** The one control, if any, that does the next thing. */
  readonly next: 'confirm' | 'bell' | null
  /** For those who cannot see: what changes on the page besides the sentence. */
  readonly aside: string
}

interface Keypad {
  readonly typed: number
  readonly digits: number
  /** How many digits are in, as nobody shall hear which. */
  readonly typedLabel: string
  readonly canConfirm: boolean
}

export type Picture =
  | 'door'
  | 'door-open'
  | 'person'
  | 'asking'
  | 'phone'
  | 'bell'
  | 'stop'
  | 'offline'
  | 'wait'
  | 'pause'
  | 'clock'
  | 'alert'

/** How each scene looks and what it says; the few that depend on more are in `sayingOf`. */
const scenes: Readonly<Record<Scene, readonly [Picture, keyof Texts, (keyof Texts)?]>> = {
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
  greeted: ['door-open', 'welcome', 'welcomeDetail'],
  open: ['door-open', 'open'],
  denied: ['stop', 'denied', 'tryAgain'],
  fault: ['alert', 'fault', 'tryAgain'],
  paused: ['pause', 'paused', 'pausedDetail'],
  'clock-unknown': ['clock', 'clockUnknown', 'clockUnknownDetail'],
  shut: ['stop', 'shut', 'shutDetail'],
}

export function viewOf(unsettled: Page, nowMs: number): View {
  const page = withoutExpired(unsettled, nowMs)
  const scene = sceneOf(page, nowMs)
  const language = languageOf(page)
  const texts = textsIn[language]
  const keypad = keypadOf(page, texts, nowMs)
  const bell = bellOf(page, texts)
  return {
    scene,
    language,
    texts,
    doorName: lastState(page)?.doorName || texts.door,
    picture: scenes[scene][0],
    ...sayingOf(page, scene, texts, nowMs),
    visitNumber: visitOf(page)?.number ?? null,
    countdown: scene === 'paused' ? clockFace(secondsLeft(page, nowMs)) : null,
    keypad,
    bell,
    next: nextFor(scene, bell !== null),
    aside: asideOf(page, scene, keypad, texts, nowMs),
  }
}

// ---------------------------------------------------------------- which scene

function sceneOf(page: Page, nowMs: number): Scene {
  const { link, verdict, sending, typed } = page
  if (link.kind === 'starting') return 'starting'
  if (link.kind === 'lost') return 'starting-again'
  if (verdict?.kind === 'greeting') return 'greeted'
  if (sending) return nowMs < sending.sinceMs + slowAnswerMs ? 'complete' : 'checking'
  if (link.state.lock === 'unlocked') return 'open'
  if (verdict) return verdict.kind
  if (link.state.keypad === 'shut') return 'shut'
  if (link.state.keypad === 'clock-unknown') return 'clock-unknown'
  if (nowMs < page.pausedUntilMs) return 'paused'
  if (typed !== '') return typed.length < link.state.digits ? 'typing' : 'complete'
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
    // Without a network nobody can be asked, so these two would promise too much.
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

function visitOf({ link, verdict }: Page) {
  return link.kind === 'up' && verdict?.kind !== 'greeting' ? link.state.visit : null
}

function lastState({ link }: Page) {
  if (link.kind === 'starting') return null
  return link.kind === 'up' ? link.state : link.before
}

function languageOf(page: Page): Language {
  if (page.verdict?.kind === 'greeting') return page.verdict.language
  return page.chosen?.language ?? lastState(page)?.language ?? 'en'
}

// ---------------------------------------------------------------- what it says

function sayingOf(page: Page, scene: Scene, texts: Texts, nowMs: number) {
  const name = page.verdict?.kind === 'greeting' ? page.verdict.name.trim() : null
  if (name === '') return { sentence: texts.open, name: null, detail: null }
  const [, sentence, usualDetail] = scenes[scene]
  const detail = detailFor(page, scene, nowMs) ?? usualDetail
  const digits = lastState(page)?.digits ?? ''
  return {
    sentence: fill(texts[sentence], { digits, confirm: texts.confirm, name: name ?? '' }),
    name,
    detail: detail === undefined ? null : texts[detail],
  }
}

function detailFor(page: Page, scene: Scene, nowMs: number): keyof Texts | null {
  const { link } = page
  const startsSlowly = link.kind === 'lost' && nowMs >= link.sinceMs + slowStartMs
  if (startsSlowly) return 'stillStarting'
  return scene === 'denied' && !takesCodes(page, nowMs) ? 'pausedDetail' : null
}

function asideOf(
  page: Page,
  scene: Scene,
  keypad: Keypad | null,
  texts: Texts,
  nowMs: number,
): string {
  if (page.bell.kind === 'rung') return texts.bellRung
  if (page.bell.kind === 'failed') return texts.bellFailed
  if (scene === 'paused') {
    return `${texts.worksAgainIn} ${spokenTime(secondsLeft(page, nowMs), languageOf(page))}`
  }
  return keypad && keypad.typed > 0 ? keypad.typedLabel : ''
}

/** 0:47, 12:05, 3:07:30: read alike in every language here. */
function clockFace(seconds: number): string {
  const two = (number: number) => String(number).padStart(2, '0')
  const minutes = Math.floor(seconds / 60)
  const hours = Math.floor(minutes / 60)
  const end = two(seconds % 60)
  return hours > 0 ? `${hours}:${two(minutes % 60)}:${end}` : `${minutes}:${end}`
}

/** Rounded up, and the coarser the longer it takes, so that a listener is not counted at. */
function spokenTime(seconds: number, language: Language): string {
  const [, roundTo] = spokenSteps.find(([upTo]) => seconds <= upTo) ?? [0, 3600]
  const rounded = Math.ceil(seconds / roundTo) * roundTo
  const [unit, size] =
    rounded < 60
      ? (['second', 1] as const)
      : rounded < 3600
        ? (['minute', 60] as const)
        : (['hour', 3600] as const)
  const format = new Intl.NumberFormat(language, { style: 'unit', unit, unitDisplay: 'long' })
  return format.format(rounded / size)
}

const spokenSteps = [
  [10, 10],
  [30, 30],
  [600, 60],
  [3600, 600],
] as const

// ---------------------------------------------------------------- what can be done

function keypadOf(page: Page, texts: Texts, nowMs: number): Keypad | null {
  const { link, typed, sending } = page
  // While a code is being judged the keypad stays where it is, so that nothing jumps.
  if (link.kind !== 'up' || !(sending || takesCodes(page, nowMs))) return null
  // A code from before the owner asked for shorter ones is longer, and must still go in.
  const digits = Math.max(link.state.digits, typed.length)
  return {
    typed: typed.length,
    digits,
    typedLabel: fill(texts.typedCount, { count: typed.length, digits }),
    canConfirm: !sending && typed.length >= shortestCode,
  }
}

function bellOf({ link, verdict, bell }: Page, texts: Texts): View['bell'] {
  if (link.kind !== 'up' || link.state.lock === 'unlocked' || verdict?.kind === 'greeting') {
    return null
  }
  switch (bell.kind) {
    case 'quiet':
    case 'pressed':
      return { label: texts.bell, picture: 'bell' }
    case 'rung':
      return { label: texts.bellRung, picture: 'check' }
    case 'failed':
      return { label: texts.bellFailed, picture: 'stop' }
    default:
      return bell satisfies never
  }
}

const needSomebody: readonly Scene[] = ['paused', 'clock-unknown', 'shut', 'no-answer']

function nextFor(scene: Scene, canRing: boolean): View['next'] {
  if (scene === 'complete') return 'confirm'
  return needSomebody.includes(scene) && canRing ? 'bell' : null
}
