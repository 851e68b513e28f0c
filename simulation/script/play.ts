/** Plays a script against a home, step by step, and reports the first failed expectation. */
import { type Answered, answerMail, scanLinks } from '../cloud/answer-mail.ts'
import { codeIn } from '../cloud/inbox.ts'
import type { Home } from '../home/home.ts'
import { nameOf } from '../scenes/scene.ts'
import { troubleSentence } from '../scenes/troubles.ts'
import type { Expectation, Step, VisitScript } from './script.ts'

export interface Failure {
  /** The first step is 1. */
  readonly step: number
  readonly what: Step
  readonly wanted: string
  readonly found: string
}

/** Null if everything was as expected. */
export async function playVisit(home: Home, script: VisitScript): Promise<Failure | null> {
  await until(() => home.connections.linkUp() && home.keypad.state() !== null)
  await home.settled()
  for (const [at, what] of script.steps.entries()) {
    const mismatch = await play(home, what)
    if (mismatch) return { step: at + 1, what, ...mismatch }
  }
  return denied(home, script)
}

/** Functions repeat what fails, so a missing permission may show nowhere else. */
function denied({ cloud }: Home, { steps }: VisitScript): Failure | null {
  const [found] = cloud.aws.denied()
  const what = steps.at(-1)
  if (found === undefined || what === undefined) return null
  return { step: steps.length, what, wanted: 'no permission is missing', found }
}

interface Mismatch {
  readonly wanted: string
  readonly found: string
}

/** Far longer than anything takes, for busy machines. */
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

async function play(home: Home, step: Step): Promise<Mismatch | null> {
  if ('expect' in step) return expected(home, step.expect)
  if ('press' in step) return press(home, step.press, step.outcome)
  if ('answer' in step) return answer(home, step.answer)
  if ('unlock' in step) return unlock(home, step.unlock)
  if ('pin' in step || 'mode' in step || 'sheet' in step) return setUp(home, step)
  if ('scanMail' in step) return scan(home)
  if ('scan' in step) return ringByPhone(home, step.scan.name)
  if ('arrive' in step) await arrive(home, step.arrive)
  else if ('leave' in step) home.scene.leave(step.leave === true ? undefined : step.leave)
  else if ('bell' in step) home.connections.bell()
  else if ('exitButton' in step) home.connections.exit()
  else if ('contact' in step) home.connections.contact(step.contact === 'open')
  else if ('network' in step) await network(home, step.network === 'up')
  else if ('powerCut' in step) await powerCut(home)
  else if ('pass' in step) await home.pass(step.pass * 1_000)
  else if ('doorClock' in step) await home.troubles.moveDoorClock(step.doorClock * 1_000)
  else if ('trouble' in step) return makeTrouble(home, step)
  else step satisfies never
  await home.settled()
  return null
}

// ---------------------------------------------------------------- what people do

const pictures = 5
const betweenPicturesMs = 500

/** Skips time until the camera has taken all its pictures. */
async function arrive(home: Home, person: string): Promise<void> {
  home.note(`${nameOf(person)} walked up to the door.`)
  home.scene.arrive(person)
  const { connections, scene, keypad, visits } = home
  if (!scene.isCameraPlugged() || !connections.daemonConnected()) return
  await until(() => keypad.state()?.visit != null)
  if (!connections.linkUp()) return
  await until(() => visits.current() !== null)
  for (let nth = 0; nth < pictures; nth += 1) await home.pass(betweenPicturesMs)
}

async function press(home: Home, which: string, wanted: string): Promise<Mismatch | null> {
  const code =
    which === 'on-phone'
      ? (await home.phone.look()).code
      : which === 'sheet'
        ? (sheets.get(home)?.shift() ?? null)
        : codeOf(home, which)
  if (code === null) return { wanted: 'a code for the visitor', found: 'none' }
  home.note(which === 'wrong' ? 'A wrong code was typed.' : 'A code was typed.')
  const answered = await home.press(code)
  await home.settled()
  const found = answered?.outcome ?? 'no answer'
  return found === wanted ? null : { wanted, found }
}

function codeOf({ inbox }: Home, which: string): string | null {
  const codes = inbox.texts().flatMap(({ text }) => codeIn(text) ?? [])
  if (which === 'texted') return codes.at(-1) ?? null
  if (which === 'texted-before') return codes.at(-2) ?? null
  if (which !== 'wrong') return which
  const digits = ['13579024', '24680135', '11235813', '31415926', '27182818', '16180339']
  return digits.find((code) => !codes.includes(code)) ?? null
}

async function ringByPhone(home: Home, name: string): Promise<Mismatch | null> {
  home.note('The code on the keypad was scanned with a phone.')
  await until(() => home.keypad.state()?.scan != null)
  const hasRung = await home.phone.ring(name)
  home.work.wake()
  await home.settled()
  return hasRung ? null : { wanted: 'a code on the keypad that rings', found: 'none' }
}

async function answer(
  home: Home,
  { mail, says, ...answered }: Extract<Step, { answer: unknown }>['answer'],
): Promise<Mismatch | null> {
  const mails = home.inbox.mails()
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

async function scan(home: Home): Promise<Mismatch | null> {
  for (const mail of home.inbox.mails()) await scanLinks(readable(mail))
  await home.settled()
  return null
}

async function unlock(home: Home, wanted: 'done' | 'unreachable'): Promise<Mismatch | null> {
  const response = await home.unlock()
  await home.settled()
  const found = response?.ok ? 'done' : 'unreachable'
  return found === wanted ? null : { wanted, found }
}

async function network(home: Home, up: boolean): Promise<void> {
  home.note(up ? 'The network is back.' : 'The network is cut.')
  home.troubles.make({ network: up })
  await until(() => home.connections.linkUp() === up)
}

async function powerCut(home: Home): Promise<void> {
  home.note('The power is cut for a moment.')
  const pid = home.door.pid()
  home.door.powerCut()
  await until(() => home.door.pid() !== pid && home.keypad.state() === null)
  await until(() => home.connections.daemonConnected() && home.keypad.state() !== null)
  if (home.connections.network().up) await until(() => home.connections.linkUp())
}

function makeTrouble(
  home: Home,
  { trouble }: Extract<Step, { trouble: unknown }>,
): Mismatch | null {
  const sentence = troubleSentence(trouble)
  if (sentence !== null) home.note(sentence)
  const problem = home.troubles.make(trouble)
  return problem === null ? null : { wanted: 'this trouble', found: problem }
}

// ---------------------------------------------------------------- what the owner sets up

/** Codes of the sheet that were not typed yet. */
const sheets = new WeakMap<Home, string[]>()

async function setUp(
  home: Home,
  step: Extract<Step, { pin: unknown } | { mode: unknown } | { sheet: unknown }>,
): Promise<Mismatch | null> {
  const isDone = await setUpOne(home, step)
  await home.settled()
  return isDone ? null : { wanted: 'the owner can set it', found: 'a refusal' }
}

async function setUpOne(home: Home, step: Parameters<typeof setUp>[1]): Promise<boolean> {
  if ('pin' in step) {
    const { name, code, duress = false, visits = null } = step.pin
    home.note(`The owner set a PIN for ${name}.`)
    return home.settings.setPin({ name, code, duress, visits })
  }
  if ('mode' in step) {
    home.note(`The owner set the door to ${step.mode.mode}.`)
    return home.settings.setMode(step.mode.mode, step.mode.hours)
  }
  home.note('The owner printed a break-glass sheet.')
  const codes = [...(await home.settings.printSheet(home.settled))]
  sheets.set(home, codes)
  return codes.length > 0
}

// ---------------------------------------------------------------- what is expected

async function expected(home: Home, wanted: Expectation): Promise<Mismatch | null> {
  const endMs = performance.now() + holdsWithinMs
  for (;;) {
    await home.settled()
    await home.state()
    const mismatch = firstMismatch(home, wanted) ?? (await phoneMismatch(home, wanted.phone))
    if (!mismatch || performance.now() > endMs) return mismatch
    await new Promise((passed) => setTimeout(passed, lookEveryMs))
  }
}

async function phoneMismatch({ phone }: Home, wanted = ''): Promise<Mismatch | null> {
  if (wanted === '') return null
  const { heading } = await phone.look()
  return heading.includes(wanted)
    ? null
    : { wanted: `a phone that says “${wanted}”`, found: `“${heading}”` }
}

function firstMismatch(
  home: Home,
  { happened, never, phone: _, ...wanted }: Expectation,
): Mismatch | null {
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
  const { connections, inbox, visits, keypad } = home
  return {
    lock: connections.lockState(),
    contact: connections.contactOpen() ? 'open' : 'closed',
    online: connections.linkUp(),
    keypad: keypad.state()?.keypad ?? 'away',
    mails: inbox.mails().length,
    texts: inbox.texts().length,
    opened: connections.lockTimeline.filter(({ state }) => state === 'open').length,
    state: visits.all()[0]?.state ?? 'no visit',
    reason: visits.all()[0]?.reason ?? null,
  }
}
