/** Shows the state of the home on the page. Unchanged parts are left alone. */
import type { PageState } from '../state.ts'
import { click } from './click.ts'

function byId<E extends HTMLElement>(id: string, kind: new () => E): E {
  const element = document.getElementById(id)
  if (!(element instanceof kind)) throw new Error(`the page has no ${id}`)
  return element
}

const lock = byId('lock', HTMLElement)
const lockState = byId('lock-state', HTMLElement)
const doorDetail = byId('door-detail', HTMLElement)
const keypad = byId('keypad', HTMLIFrameElement)
const keypadLink = byId('keypad-link', HTMLAnchorElement)
const scan = byId('scan', HTMLElement)
const scanLink = byId('scan-link', HTMLAnchorElement)
const contact = byId('contact', HTMLButtonElement)
const standing = byId('standing', HTMLElement)
const people = byId('people', HTMLElement)
const camera = byId('camera', HTMLImageElement)
const noPicture = byId('no-picture', HTMLElement)
const noMail = byId('no-mail', HTMLElement)
const mailsLabel = byId('mails-label', HTMLElement)
const mails = byId('mails', HTMLSelectElement)
const mail = byId('mail', HTMLIFrameElement)
const texts = byId('texts', HTMLOListElement)
const noTexts = byId('no-texts', HTMLElement)
const visit = byId('visit', HTMLSelectElement)
const timeline = byId('timeline', HTMLOListElement)
const look = byId('look', HTMLButtonElement)
const playRecording = byId('play-recording', HTMLButtonElement)
const troubleState = byId('trouble-state', HTMLElement)

const time = new Intl.DateTimeFormat([], { timeStyle: 'medium' })

let last: PageState | null = null

export function show(state: PageState): void {
  last = state
  showLock(state)
  showDoor(state)
  showScene(state)
  showMails(state.mails)
  showTexts(state.texts)
  showVisits(state.timeline)
  showTimeline(state.timeline)
  showRecording(state)
  showTrouble(state.trouble)
}

// ---------------------------------------------------------------- door and scene

function showLock({ door }: PageState): void {
  const before = lock.dataset['lock']
  lock.dataset['lock'] = door.lock
  setText(lockState, door.lock === 'open' ? 'The lock is open.' : 'The lock is closed.')
  if (before !== door.lock && known) click(door.lock)
  known = true
}

/** The first state makes no sound. */
let known = false

function showDoor({ door, trouble, urls }: PageState): void {
  const daemon = door.running
    ? 'The door’s program is running'
    : 'The door’s program is not running'
  const line = door.online ? 'online' : trouble.network ? 'looking for the cloud' : 'offline'
  const leaf = door.contact === 'open' ? 'the door stands open' : 'the door is shut'
  setText(doorDetail, `${daemon}, ${line}; ${leaf}.`)
  setText(contact, pushOf(door))
  contact.dataset['body'] = JSON.stringify({ open: door.contact === 'closed' })
  scan.hidden = door.scan === null
  if (door.scan !== null) scanLink.href = door.scan
  if (urls.keypad === null || keypad.getAttribute('src') === urls.keypad) return
  keypad.src = urls.keypad
  keypadLink.href = urls.keypad
}

/** Pushing a locked door is breaking in, so the button says that. */
function pushOf({ contact, lock }: PageState['door']): string {
  if (contact === 'open') return 'Push the door shut'
  return lock === 'open' ? 'Push the door open' : 'Force the door open'
}

function showScene({ scene, people: all, picture, door, trouble }: PageState): void {
  const who = scene.map(nameOf).join(' and ')
  const visitNow = door.visitNumber === null ? '' : ` Visit ${door.visitNumber}.`
  const stands = scene.length > 1 ? 'stand' : 'stands'
  setText(standing, `${who ? `${who} ${stands}` : 'No one stands'} at the door.${visitNow}`)
  showPeople(all, scene)
  camera.hidden = picture === null
  noPicture.hidden = picture !== null
  setText(noPicture, trouble.camera ? 'Nothing moves.' : 'The camera is unplugged.')
  const src = `/camera.jpg?${picture}`
  if (picture !== null && camera.getAttribute('src') !== src) camera.src = src
}

const nameOf = (id: string): string => {
  const [, number] = /^visitor-(\d+)$/.exec(id) ?? []
  if (number) return `Visitor ${number}`
  return id === 'you' ? 'The person here' : 'Unknown visitor'
}

function showPeople(all: readonly string[], scene: readonly string[]): void {
  const buttons = new Map(
    [...people.querySelectorAll('button')].map((button) => [button.dataset['person'], button]),
  )
  for (const [id, button] of buttons) if (!all.includes(id ?? '')) button.parentElement?.remove()
  for (const id of all) {
    const button = buttons.get(id) ?? addPerson(id)
    const isThere = scene.includes(id)
    button.dataset['post'] = isThere ? 'leave' : 'arrive'
    setText(button.lastElementChild, `${nameOf(id)} ${isThere ? 'leaves' : 'arrives'}`)
  }
}

function addPerson(id: string): HTMLButtonElement {
  const button = document.createElement('button')
  button.type = 'button'
  button.dataset['person'] = id
  button.dataset['body'] = JSON.stringify({ person: id })
  const portrait = document.createElement('img')
  portrait.src = `/people/${id}.jpg`
  portrait.alt = ''
  button.append(portrait, document.createElement('span'))
  const item = document.createElement('li')
  item.append(button)
  people.append(item)
  return button
}

// ---------------------------------------------------------------- mails and texts

function showMails(arrived: PageState['mails']): void {
  noMail.hidden = arrived.length > 0
  for (const element of [mailsLabel, mails, mail]) element.hidden = arrived.length === 0
  const newest = arrived[0]?.id
  if (newest === mails.options[0]?.value && arrived.length === mails.options.length) return
  const boxes = Map.groupBy(arrived, ({ to }) => to)
  mails.replaceChildren(...[...boxes].map(([to, mailsTo]) => mailbox(to, mailsTo)))
  showMail()
}

/** The subject comes first, because narrow screens cut off the end. */
function mailbox(to: string, mailsTo: PageState['mails']): HTMLOptGroupElement {
  const box = document.createElement('optgroup')
  box.label = `To ${to}`
  box.append(
    ...mailsTo.map(({ id, at, subject }) => new Option(`${subject}, ${time.format(at)}`, id)),
  )
  return box
}

function showMail(): void {
  const src = `/mail/${mails.value}`
  if (mails.value && mail.getAttribute('src') !== src) mail.src = src
}
mails.addEventListener('change', showMail)

function showTexts(arrived: PageState['texts']): void {
  noTexts.hidden = arrived.length > 0
  const newestShown = Number(texts.firstElementChild?.getAttribute('data-at') ?? 0)
  if (arrived.length === 0) texts.replaceChildren()
  // Only new texts are added, so that a screen reader announces nothing else.
  for (const { at, to, text } of arrived.filter(({ at }) => at > newestShown).reverse()) {
    const item = document.createElement('li')
    item.dataset['at'] = String(at)
    item.append(line('to', `To ${to}, ${time.format(at)}`), line('text', text))
    texts.prepend(item)
  }
  while (texts.children.length > arrived.length) texts.lastElementChild?.remove()
}

// ---------------------------------------------------------------- timeline and trouble

function showVisits(entries: PageState['timeline']): void {
  const numbers = [...new Set(entries.flatMap(({ visit }) => visit ?? []))]
  const wanted = ['', ...numbers.map(String)]
  const shown = [...visit.options].map(({ value }) => value)
  if (wanted.join() === shown.join()) return
  const chosen = visit.value
  visit.replaceChildren(
    ...wanted.map((value) => new Option(value ? `visit ${value}` : 'everything', value)),
  )
  visit.value = wanted.includes(chosen) ? chosen : ''
}
visit.addEventListener('change', () => {
  if (!last) return
  showTimeline(last.timeline)
  showRecording(last)
})

/** Of the selected visit, or of the last one. */
function showRecording({ recordings, visits }: PageState): void {
  const wanted = visits.find(({ number }) => !visit.value || String(number) === visit.value)
  look.hidden = !recordings
  playRecording.hidden = !recordings || !wanted
  if (!wanted) return
  playRecording.dataset['recording'] = wanted.id
  setText(playRecording, `Play the recording of visit ${wanted.number ?? '?'}`)
}

const sources = { door: 'Door', lock: 'Lock', cloud: 'Cloud', phone: 'Inbox', you: 'You' }

function showTimeline(entries: PageState['timeline']): void {
  const wanted = entries.filter((entry) => !visit.value || String(entry.visit) === visit.value)
  timeline.replaceChildren(
    ...wanted.map((entry) => {
      const item = document.createElement('li')
      item.dataset['who'] = entry.who
      const number = entry.visit === null ? '' : ` · visit ${entry.visit}`
      item.append(
        line('time', time.format(entry.atMs)),
        line('who', `${sources[entry.who]}${number}`),
        line('sentence', entry.sentence),
      )
      return item
    }),
  )
}

const wrong = (trouble: PageState['trouble']): string[] => [
  ...(trouble.network ? [] : ['the network is cut']),
  ...(trouble.slowMs > 0 ? ['the network is slow'] : []),
  ...(trouble.doubles ? ['messages come twice and mixed up'] : []),
  ...(trouble.loseTexts > 0 ? ['the next text will be lost'] : []),
  ...(trouble.delayTextMs > 0 ? ['the next text will be late'] : []),
  ...(trouble.diskFull ? ['the disk is full'] : []),
  ...(trouble.camera ? [] : ['the camera is unplugged']),
  ...(trouble.doorClockOffMs !== 0 ? ['the door’s clock is wrong'] : []),
]

function showTrouble(trouble: PageState['trouble']): void {
  const all = wrong(trouble).join(', ')
  setText(troubleState, all ? `Now ${all}.` : 'Nothing is wrong.')
  const isOn: Record<string, boolean> = {
    network: !trouble.network,
    slowMs: trouble.slowMs > 0,
    doubles: trouble.doubles,
    loseTexts: trouble.loseTexts > 0,
    delayTextMs: trouble.delayTextMs > 0,
    diskFull: trouble.diskFull,
    camera: !trouble.camera,
  }
  for (const button of document.querySelectorAll<HTMLButtonElement>('[data-switch]')) {
    const pressed = String(isOn[button.dataset['switch'] ?? ''] ?? false)
    if (button.ariaPressed !== pressed) button.ariaPressed = pressed
  }
}

export function showGone(): void {
  setText(doorDetail, 'The control room does not answer. Is npm start still running?')
}

function line(name: string, text: string): HTMLElement {
  const element = document.createElement('span')
  element.className = name
  element.textContent = text
  return element
}

/** Unchanged text is left alone, so that a screen reader does not repeat it. */
function setText(element: Element | null, text: string): void {
  if (element && element.textContent !== text) element.textContent = text
}
