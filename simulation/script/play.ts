/** Plays a script against a home, step by step, and says where expectation and event parted. */
import { type Answered, answerMail, scanLinks } from '../cloud/answer-mail.ts'
import type { Home } from '../home/home.ts'
import { nameOf } from '../scenes/scene.ts'
import { troubleSentence } from '../scenes/troubles.ts'
import type { Expectation, Step, VisitScript } from './script.ts'

export interface Parting {
  /** The first step is 1. */
  readonly step: number
  readonly what: Step
  readonly wanted: string
  readonly found: string
}

/** Null when everything was as expected. */
export async function playVisit(home: Home, script: VisitScript): Promise<Parting | null> {
  await until(() => home.lines.linkUp() && home.keypad.state() !== null)
  await home.settled()
  for (const [at, what] of script.steps.entries()) {
    const parted = await play(home, what)
    if (parted) return { step: at + 1, what, ...parted }
  }
  return null
}

interface Parted {
  readonly wanted: string
  readonly found: string
}

/** Far longer than anything takes, for machines that are busy with something else. */
const holdsWithinMs = 20_000
const lookEveryMs = 25

async function until(holds: () => boolean, withinMs = holdsWithinMs): Promise<boolean> {
  const endMs = performance.now() + withinMs
  while (!holds()) {
    if (performance.now() > endMs) return false
    await new Promise((passed) => setTimeout(passed, lookEveryMs))
  }
  return true
}

async function play(home: Home, step: Step): Promise<Parted | null> {
  if ('expect' in step) return expected(home, step.expect)
  if ('press' in step) return press(home, step.press, step.outcome)
  if ('answer' in step) return answer(home, step.answer)
  if ('unlock' in step) return unlock(home, step.unlock)
  if ('scanMail' in step) return scan(home)
  if ('arrive' in step) await arrive(home, step.arrive)
  else if ('leave' in step) home.scene.leave(step.leave === true ? undefined : step.leave)
  else if ('bell' in step) home.lines.bell()
  else if ('exitButton' in step) home.lines.exit()
  else if ('contact' in step) home.lines.contact(step.contact === 'open')
  else if ('network' in step) await network(home, step.network === 'up')
  else if ('powerCut' in step) await powerCut(home)
  else if ('pass' in step) await home.pass(step.pass * 1_000)
  else if ('doorClock' in step) await home.troubles.moveDoorClock(step.doorClock * 1_000)
  else if ('trouble' in step) return unmade(home, step)
  else step satisfies never
  await home.settled()
  return null
}

// ---------------------------------------------------------------- what people do

const pictures = 5
const betweenPicturesMs = 500

/** Stays until the camera has seen enough of them, which takes no time here. */
async function arrive(home: Home, person: string): Promise<void> {
  home.note(`${nameOf(person)} walked up to the door.`)
  home.scene.arrive(person)
  const { lines, scene, keypad, visits } = home
  if (!scene.isCameraPlugged() || !lines.daemonThere()) return
  await until(() => keypad.state()?.visit != null)
  if (!lines.linkUp()) return
  await until(() => visits.current() !== null)
  for (let nth = 0; nth < pictures; nth += 1) await home.pass(betweenPicturesMs)
}

async function press(home: Home, which: string, wanted: string): Promise<Parted | null> {
  const code = codeOf(home, which)
  if (code === null) return { wanted: 'a code in a text', found: 'no such text' }
  home.note(`Somebody typed ${which === 'wrong' ? 'a wrong code' : 'a code'}.`)
  const answered = await home.press(code)
  await home.settled()
  const found = answered?.outcome ?? 'no answer'
  return found === wanted ? null : { wanted, found }
}

function codeOf({ post }: Home, which: string): string | null {
  const codes = post.texts().flatMap(({ text }) => /\b\d{6,8}\b/.exec(text)?.[0] ?? [])
  if (which === 'texted') return codes.at(-1) ?? null
  if (which === 'texted-before') return codes.at(-2) ?? null
  if (which !== 'wrong') return which
  const digits = ['135790', '246801', '112358', '314159', '271828', '161803']
  return digits.find((code) => !codes.includes(code)) ?? null
}

async function answer(
  home: Home,
  { mail, says, ...answered }: Extract<Step, { answer: unknown }>['answer'],
): Promise<Parted | null> {
  const mails = home.post.mails()
  const open =
    mail === undefined ? mails.findLast(({ text }) => text?.includes('#r=')) : mails[mail - 1]
  if (!open) return { wanted: 'a mail to answer', found: `${mails.length} mails` }
  const page: Answered = await answerMail(readable(open), answered)
  home.work.wake()
  await home.settled()
  if (says === undefined || page.heading.includes(says)) return null
  return { wanted: `a page that says “${says}”`, found: `“${page.heading}” (${page.status})` }
}

const readable = ({ text, subject }: { text: string | null; subject: string }) => ({
  text: text ?? '',
  subject,
})

async function scan(home: Home): Promise<Parted | null> {
  for (const mail of home.post.mails()) await scanLinks(readable(mail))
  await home.settled()
  return null
}

async function unlock(home: Home, wanted: 'done' | 'unheard'): Promise<Parted | null> {
  const response = await home.unlock()
  await home.settled()
  const found = response?.ok ? 'done' : 'unheard'
  return found === wanted ? null : { wanted, found }
}

async function network(home: Home, up: boolean): Promise<void> {
  home.note(up ? 'The network is back.' : 'The network is cut.')
  home.troubles.make({ network: up })
  await until(() => home.lines.linkUp() === up)
}

async function powerCut(home: Home): Promise<void> {
  home.note('The power is cut for a moment.')
  const pid = home.door.pid()
  home.door.powerCut()
  await until(() => home.door.pid() !== pid && home.keypad.state() === null)
  await until(() => home.lines.daemonThere() && home.keypad.state() !== null)
  if (home.lines.network().up) await until(() => home.lines.linkUp())
}

function unmade(home: Home, { trouble }: Extract<Step, { trouble: unknown }>): Parted | null {
  const sentence = troubleSentence(trouble)
  if (sentence !== null) home.note(sentence)
  const problem = home.troubles.make(trouble)
  return problem === null ? null : { wanted: 'this trouble', found: problem }
}

// ---------------------------------------------------------------- what is expected

async function expected(home: Home, wanted: Expectation): Promise<Parted | null> {
  const endMs = performance.now() + holdsWithinMs
  for (;;) {
    await home.settled()
    await home.state()
    const parted = firstParting(home, wanted)
    if (!parted || performance.now() > endMs) return parted
    await new Promise((passed) => setTimeout(passed, lookEveryMs))
  }
}

function firstParting(home: Home, { happened, never, ...wanted }: Expectation): Parted | null {
  const found = factsOf(home)
  const { visit: wantedVisit = {}, ...others } = wanted
  for (const [name, value] of [...Object.entries(others), ...Object.entries(wantedVisit)]) {
    const actual = Object.entries(found).find(([key]) => key === name)?.[1]
    if (actual !== value) return { wanted: `${name} ${value}`, found: `${name} ${actual}` }
  }
  const sentences = home.timeline.entries.map(({ sentence }) => sentence)
  if (happened && !sentences.some((one) => one.includes(happened))) {
    return { wanted: `“${happened}”`, found: 'nothing of the kind' }
  }
  const unwanted = never && sentences.find((one) => one.includes(never))
  return unwanted ? { wanted: `never “${never}”`, found: `“${unwanted}”` } : null
}

function factsOf(home: Home): Readonly<Record<string, unknown>> {
  const { lines, post, visits, keypad } = home
  return {
    lock: lines.lockState(),
    contact: lines.contactOpen() ? 'open' : 'closed',
    online: lines.linkUp(),
    keypad: keypad.state()?.keypad ?? 'away',
    mails: post.mails().length,
    texts: post.texts().length,
    opened: lines.lockTimeline.filter(({ state }) => state === 'open').length,
    state: visits.all()[0]?.state ?? 'no visit',
    reason: visits.all()[0]?.reason ?? null,
  }
}
