/**
 * Visits by the dozen with random trouble, and what must hold whatever goes wrong: nothing that the
 * door wrote down is lost, no mail or text comes twice, no code opens twice, and the daemon stays
 * as small as it was.
 */
import { readFileSync } from 'node:fs'
import { answerMail } from '../cloud/answer-mail.ts'
import type { Home } from '../home/home.ts'
import { residents } from '../scenes/scene.ts'
import type { Trouble } from '../scenes/troubles.ts'

export interface SoakOptions {
  /** Ends when it says so; asked before each visit. */
  readonly goesOn: (visits: number) => boolean
  /** Power cuts begin the daemon anew, so they are over well before its memory is measured. */
  readonly maySwitchOff: (visits: number) => boolean
  /** A daemon that has met everything once is as big as it should ever get: growth counts from here. */
  readonly isWarm: (visits: number) => boolean
  readonly everyMs: number
  /** From 0 up to 1. */
  readonly chance: () => number
  readonly progress: (text: string) => void
}

export interface SoakReport {
  readonly visits: number
  readonly accepted: number
  readonly troubles: Readonly<Record<string, number>>
  /** When it was warm, and at the end. */
  readonly residentKb: { readonly warm: number | null; readonly last: number | null }
  /** In words; nothing of the kind is good. */
  readonly breaches: readonly string[]
}

interface Tally {
  visits: number
  accepted: number
  otherOpenings: number
  warmKb: number | null
  readonly troubles: Record<string, number>
  readonly usedCodes: Set<string>
  readonly asked: Set<string>
  readonly breaches: string[]
  mailsSeen: number
}

export async function soak(home: Home, options: SoakOptions): Promise<SoakReport> {
  const tally: Tally = {
    ...{ visits: 0, accepted: 0, otherOpenings: 0, warmKb: null, mailsSeen: 0 },
    ...{ troubles: {}, usedCodes: new Set(), asked: new Set(), breaches: [] },
  }
  await waitFor(() => home.lines.linkUp() && home.keypad.state() !== null)
  while (options.goesOn(tally.visits)) {
    const startMs = performance.now()
    await oneVisit(home, options, tally)
    tally.visits += 1
    if (options.isWarm(tally.visits)) tally.warmKb ??= residentKb(home)
    if (tally.visits % 12 === 0) options.progress(progressOf(home, tally))
    await pause(options.everyMs - (performance.now() - startMs))
  }
  return finished(home, tally)
}

// ---------------------------------------------------------------- trouble

interface Mischief {
  readonly name: string
  readonly make: Trouble
  readonly end: Trouble
}

const mischief: readonly Mischief[] = [
  { name: 'cut network', make: { network: false }, end: { network: true } },
  { name: 'slow network', make: { slowMs: 300 }, end: { slowMs: 0 } },
  { name: 'everything twice', make: { doubles: true }, end: { doubles: false } },
  { name: 'lost text', make: { loseTexts: 1 }, end: { loseTexts: 0 } },
  { name: 'late text', make: { delayTextMs: 20_000 }, end: { delayTextMs: 0 } },
  { name: 'throttled tables', make: { throttle: true }, end: { throttle: false } },
  { name: 'no camera', make: { camera: false }, end: { camera: true } },
  { name: 'full disk', make: { diskFull: true }, end: { diskFull: false } },
]

/** About every other visit; returns what ends it. */
async function trouble(home: Home, options: SoakOptions, tally: Tally): Promise<() => void> {
  const { chance } = options
  const count = (name: string) => {
    tally.troubles[name] = (tally.troubles[name] ?? 0) + 1
  }
  if (chance() < 0.1 && options.maySwitchOff(tally.visits)) {
    count('power cut')
    home.door.powerCut()
  }
  if (chance() < 0.1) {
    count('wrong clock')
    await home.troubles.moveDoorClock(Math.round((chance() - 0.5) * 7_200_000))
  }
  const chosen = chance() < 0.5 ? mischief[Math.floor(chance() * mischief.length)] : undefined
  if (!chosen) return () => {}
  count(chosen.name)
  home.troubles.make(chosen.make)
  return () => void home.troubles.make(chosen.end)
}

// ---------------------------------------------------------------- one visit

const toBeTextedMs = 3_000
/** Long enough that limits on codes and the day's wrong ones are not all that is tried. */
const betweenVisitsMs = 3 * 3_600_000
const leftAfterMs = 40_000
const leastShareThatComesIn = 1 / 4

async function oneVisit(home: Home, options: SoakOptions, tally: Tally): Promise<void> {
  const { chance } = options
  const { post, scene, lines } = home
  const texts = post.texts().at(-1)
  // What came meanwhile is about visits that are over.
  newQuestions(home, tally)
  const end = await trouble(home, options, tally)
  const person = chance() < 0.8 ? residents[Math.floor(chance() * residents.length)] : undefined
  scene.arrive(person ?? `passer-by-${Math.floor(chance() * 1e9)}`)
  const isTexted = () => post.texts().at(-1) !== texts
  const questions: ReturnType<typeof newQuestions> = []
  const isAsked = () => questions.push(...newQuestions(home, tally)) > 0
  await waitFor(() => isTexted() || isAsked(), toBeTextedMs)
  await answer(home, questions, options)
  await waitFor(isTexted, toBeTextedMs / 2)
  if (isTexted()) await typeCode(home, post.texts().at(-1)?.text ?? '', tally)
  if (chance() < 0.1) await home.press('000000')
  if (chance() < 0.1) {
    tally.otherOpenings += 1
    lines.exit()
  }
  end()
  scene.leave()
  await home.pass(leftAfterMs)
  if (lines.lockState() !== 'closed') tally.breaches.push('the lock stayed open')
  await home.pass(betweenVisitsMs)
}

/** Questions to the owner since the last look; other mails are read and put away. */
function newQuestions(
  home: Home,
  tally: Tally,
): { readonly text: string; readonly subject: string }[] {
  const fresh = home.cloud.aws.mailbox.slice(tally.mailsSeen)
  tally.mailsSeen += fresh.length
  return fresh.flatMap(({ text, subject }) => {
    const request = /#r=([^&\s]+)/.exec(text ?? '')?.[1]
    if (text === null || request === undefined) return []
    if (tally.asked.has(request)) tally.breaches.push('the owner was asked twice about the same')
    tally.asked.add(request)
    return [{ text, subject }]
  })
}

async function answer(
  home: Home,
  mails: readonly { readonly text: string; readonly subject: string }[],
  { chance }: SoakOptions,
): Promise<void> {
  for (const mail of mails) {
    const decision = chance() < 0.85 ? 'allow' : 'deny'
    await answerMail(mail, { decision, remembersFace: chance() < 0.9 }).catch(() => {})
    home.work.wake()
  }
}

async function typeCode(home: Home, text: string, tally: Tally): Promise<void> {
  const code = /\b\d{6}\b/.exec(text)?.[0]
  if (code === undefined) return
  for (let nth = 0; nth < 2; nth += 1) {
    const answer = await home.press(code)
    if (answer?.outcome !== 'accepted') continue
    tally.accepted += 1
    if (tally.usedCodes.has(code)) tally.breaches.push('a code opened twice')
    tally.usedCodes.add(code)
  }
}

// ---------------------------------------------------------------- the end

const restsWithinMs = 60_000

async function finished(home: Home, tally: Tally): Promise<SoakReport> {
  const { troubles, doorMessages, lines, cloud, keypad } = home
  for (const { end } of mischief) troubles.make(end)
  await waitFor(() => lines.linkUp() && keypad.state() !== null, restsWithinMs)
  await home.pass(leftAfterMs)
  await waitFor(() => doorMessages.missing().length === 0 && !doorMessages.isBusy(), restsWithinMs)
  await home.settled()
  const breaches = [...tally.breaches]
  const openings = lines.lockTimeline.filter(({ state }) => state === 'open').length
  if (doorMessages.missing().length > 0)
    breaches.push(`${doorMessages.missing().length} events never arrived`)
  if (doorMessages.lost() > 0) breaches.push(`${doorMessages.lost()} events were given up`)
  if (openings > tally.accepted + tally.otherOpenings) breaches.push('the lock opened for nothing')
  if (doubles(cloud.aws.texts.map(({ body }) => body)) > 0) breaches.push('a text was sent twice')
  // Some are denied, some meet trouble; but a door that nobody gets through is no door.
  if (tally.accepted < tally.visits * leastShareThatComesIn) {
    breaches.push(`only ${tally.accepted} of ${tally.visits} visitors came in`)
  }
  const { visits, accepted, warmKb } = tally
  const resident = { warm: warmKb, last: residentKb(home) }
  return { visits, accepted, troubles: tally.troubles, residentKb: resident, breaches }
}

const doubles = (all: readonly string[]): number => all.length - new Set(all).size

/** Only Linux tells. */
export function residentKb({ door }: Pick<Home, 'door'>): number | null {
  try {
    const status = readFileSync(`/proc/${door.pid()}/status`, 'utf8')
    return Number(/VmRSS:\s+(\d+)/.exec(status)?.[1] ?? Number.NaN) || null
  } catch {
    return null
  }
}

const progressOf = (home: Home, { visits, accepted, breaches }: Tally): string =>
  `${visits} visits, ${accepted} came in, door ${residentKb(home) ?? '?'} KB, ${breaches.length} breaches`

const lookEveryMs = 20

async function waitFor(holds: () => boolean, withinMs = 15_000): Promise<void> {
  const endMs = performance.now() + withinMs
  while (!holds() && performance.now() < endMs) await pause(lookEveryMs)
}

const pause = (ms: number): Promise<void> =>
  new Promise((passed) => setTimeout(passed, Math.max(0, ms)))
