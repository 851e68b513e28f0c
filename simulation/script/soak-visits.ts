/**
 * Many visits with random trouble, and what must hold in spite of it: no event of the door is lost, no
 * mail or text comes twice, no code opens twice, and the daemon's memory does not grow.
 */
import { readFileSync } from 'node:fs'
import { answerMail } from '../cloud/answer-mail.ts'
import { codeIn } from '../cloud/inbox.ts'
import type { Home } from '../home/home.ts'
import { residents } from '../scenes/scene.ts'
import type { Trouble } from '../scenes/troubles.ts'

export interface SoakOptions {
  /** Asked before each visit. */
  readonly goesOn: (visits: number) => boolean
  /** Power cuts restart the daemon, so they must end well before its memory is measured. */
  readonly maySwitchOff: (visits: number) => boolean
  /** From here on the daemon's memory must not grow: it has met every situation once. */
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
  /** When the daemon was warm, and at the end. */
  readonly residentKb: { readonly warm: number | null; readonly last: number | null }
  /** In words. */
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
    visits: 0,
    accepted: 0,
    otherOpenings: 0,
    warmKb: null,
    mailsSeen: 0,
    troubles: {},
    usedCodes: new Set(),
    asked: new Set(),
    breaches: [],
  }
  await waitFor(() => home.connections.linkUp() && home.keypad.state() !== null)
  while (options.goesOn(tally.visits)) {
    const startMs = performance.now()
    await oneVisit(home, options, tally)
    tally.visits += 1
    if (options.isWarm(tally.visits)) tally.warmKb ??= residentKb(home)
    if (tally.visits % visitsPerReport === 0) options.progress(progressOf(home, tally))
    await pause(options.everyMs - (performance.now() - startMs))
  }
  return finished(home, tally)
}

/** One line of progress a minute. */
const visitsPerReport = 12

// ---------------------------------------------------------------- trouble

interface RandomTrouble {
  readonly name: string
  readonly make: Trouble
  readonly end: Trouble
}

const randomTroubles: readonly RandomTrouble[] = [
  { name: 'cut network', make: { network: false }, end: { network: true } },
  { name: 'slow network', make: { slowMs: 300 }, end: { slowMs: 0 } },
  { name: 'everything twice', make: { doubles: true }, end: { doubles: false } },
  { name: 'lost text', make: { loseTexts: 1 }, end: { loseTexts: 0 } },
  { name: 'late text', make: { delayTextMs: 20_000 }, end: { delayTextMs: 0 } },
  { name: 'throttled tables', make: { throttle: true }, end: { throttle: false } },
  { name: 'no camera', make: { camera: false }, end: { camera: true } },
  { name: 'full disk', make: { diskFull: true }, end: { diskFull: false } },
]

/** In about every other visit. Returns a function that ends it. */
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
  const chosen =
    chance() < 0.5 ? randomTroubles[Math.floor(chance() * randomTroubles.length)] : undefined
  if (!chosen) return () => {}
  count(chosen.name)
  home.troubles.make(chosen.make)
  return () => void home.troubles.make(chosen.end)
}

// ---------------------------------------------------------------- one visit

const toBeTextedMs = 3_000
/** So long that the limits on codes do not refuse most visits. */
const betweenVisitsMs = 3 * 3_600_000
const leftAfterMs = 40_000
const leastShareAdmitted = 1 / 4

async function oneVisit(home: Home, options: SoakOptions, tally: Tally): Promise<void> {
  const { chance } = options
  const { inbox, scene, connections } = home
  const texts = inbox.texts().at(-1)
  // Mails that came meanwhile belong to earlier visits.
  newRequests(home, tally)
  const end = await trouble(home, options, tally)
  const person = chance() < 0.8 ? residents[Math.floor(chance() * residents.length)] : undefined
  scene.arrive(person ?? `passer-by-${Math.floor(chance() * 1e9)}`)
  const isTexted = () => inbox.texts().at(-1) !== texts
  const requests: ReturnType<typeof newRequests> = []
  const isAsked = () => requests.push(...newRequests(home, tally)) > 0
  await waitFor(() => isTexted() || isAsked(), toBeTextedMs)
  await answer(home, requests, options)
  await waitFor(isTexted, toBeTextedMs / 2)
  if (isTexted()) await typeCode(home, inbox.texts().at(-1)?.text ?? '', tally)
  if (chance() < 0.1) await home.press('00000000')
  if (chance() < 0.1) {
    tally.otherOpenings += 1
    connections.exit()
  }
  end()
  scene.leave()
  await home.pass(leftAfterMs)
  if (connections.lockState() !== 'closed') tally.breaches.push('the lock stayed open')
  await home.pass(betweenVisitsMs)
}

/** Approval requests since the last call; other mails are skipped. */
function newRequests(
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
  const code = codeIn(text)
  if (code === null) return
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
  const { troubles, doorMessages, connections, cloud, keypad } = home
  for (const { end } of randomTroubles) troubles.make(end)
  await waitFor(() => connections.linkUp() && keypad.state() !== null, restsWithinMs)
  await home.pass(leftAfterMs)
  await waitFor(() => doorMessages.missing().length === 0 && !doorMessages.isBusy(), restsWithinMs)
  await home.settled()
  const breaches = [...tally.breaches]
  const openings = connections.lockTimeline.filter(({ state }) => state === 'open').length
  if (doorMessages.missing().length > 0)
    breaches.push(`${doorMessages.missing().length} events never arrived`)
  const dead = cloud.queue('EventsDead').waiting().length
  if (dead > 0) breaches.push(`${dead} events were set aside by the cloud`)
  if (openings > tally.accepted + tally.otherOpenings)
    breaches.push('the lock opened without a reason')
  if (doubles(cloud.aws.texts.map(({ body }) => body)) > 0) breaches.push('a text was sent twice')
  // Some are denied and some meet trouble, but not most.
  if (tally.accepted < tally.visits * leastShareAdmitted) {
    breaches.push(`only ${tally.accepted} of ${tally.visits} visitors were admitted`)
  }
  const { visits, accepted, warmKb } = tally
  const resident = { warm: warmKb, last: residentKb(home) }
  return { visits, accepted, troubles: tally.troubles, residentKb: resident, breaches }
}

const doubles = (all: readonly string[]): number => all.length - new Set(all).size

/** Null except on Linux. */
function residentKb({ door }: Pick<Home, 'door'>): number | null {
  try {
    const status = readFileSync(`/proc/${door.pid()}/status`, 'utf8')
    return Number(/VmRSS:\s+(\d+)/.exec(status)?.[1] ?? Number.NaN) || null
  } catch {
    return null
  }
}

const progressOf = (home: Home, { visits, accepted, breaches }: Tally): string =>
  `${visits} visits, ${accepted} admitted, door ${residentKb(home) ?? '?'} KB, ${breaches.length} breaches`

const lookEveryMs = 20

async function waitFor(holds: () => boolean, withinMs = 15_000): Promise<void> {
  const endMs = performance.now() + withinMs
  while (!holds() && performance.now() < endMs) await pause(lookEveryMs)
}

const pause = (ms: number): Promise<void> =>
  new Promise((passed) => setTimeout(passed, Math.max(0, ms)))
