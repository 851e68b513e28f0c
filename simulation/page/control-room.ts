/** The control room in the browser: shows what the server tells and sends what is pressed. */
import type { ControlRoomState } from '../control-room-state.ts'
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
const presence = byId('presence', HTMLButtonElement)
const leaf = byId('leaf', HTMLButtonElement)
const network = byId('network', HTMLButtonElement)
const visit = byId('visit', HTMLElement)
const form = byId('allow', HTMLFormElement)
const problem = byId('problem', HTMLElement)
const texts = byId('texts', HTMLOListElement)
const noTexts = byId('no-texts', HTMLElement)
const timeline = byId('timeline', HTMLOListElement)

const time = new Intl.DateTimeFormat([], { timeStyle: 'medium' })

// ---------------------------------------------------------------- showing

function show(state: ControlRoomState): void {
  showLock(state.door)
  showDoor(state)
  showControls(state)
  showKeypad(state.urls.keypad)
  showVisit(state.door.visit)
  showTexts(state.texts)
  showTimeline(state.timeline)
}

function showLock({ lock: now }: ControlRoomState['door']): void {
  const before = lock.dataset['lock']
  lock.dataset['lock'] = now
  setText(lockState, now === 'open' ? 'The lock is open.' : 'The lock is closed.')
  if (before !== now && known) click(now)
  known = true
}

/** The first state is how things were before; it makes no sound. */
let known = false

function showDoor({ door, networkUp }: ControlRoomState): void {
  const daemon = door.running ? 'The daemon is running' : 'The daemon is not there'
  const line = door.online ? 'online' : networkUp ? 'looking for the cloud' : 'offline'
  const standing = door.contactOpen ? 'the door stands open' : 'the door is shut'
  setText(doorDetail, `${daemon}, ${line}; ${standing}.`)
}

/** Buttons that undo themselves say what they will do next. */
function showControls({ door, somebodyThere, networkUp }: ControlRoomState): void {
  setButton(presence, somebodyThere ? 'They leave' : 'Somebody arrives', {
    post: somebodyThere ? 'leave' : 'arrive',
  })
  setButton(leaf, door.contactOpen ? 'Push the door shut' : 'Push the door open', {
    body: JSON.stringify({ open: !door.contactOpen }),
  })
  setButton(network, networkUp ? 'Cut the network' : 'Restore the network', {
    body: JSON.stringify({ up: !networkUp }),
  })
}

function setButton(button: HTMLButtonElement, text: string, data: Record<string, string>): void {
  setText(button, text)
  Object.assign(button.dataset, data)
}

function showKeypad(url: string | null): void {
  if (url === null || keypad.getAttribute('src') === url) return
  keypad.src = url
  keypadLink.href = url
}

function showVisit(now: ControlRoomState['door']['visit']): void {
  const who = now?.number ? `Visit ${now.number}` : 'A visitor'
  setText(visit, now ? `${who} is at the door.` : 'Nobody is at the door.')
}

function showTexts(received: ControlRoomState['texts']): void {
  noTexts.hidden = received.length > 0
  // Only what is new is added, so that a screen reader tells of that and of nothing else.
  for (const { atMs, to, text } of received
    .slice(0, received.length - texts.children.length)
    .reverse()) {
    const item = document.createElement('li')
    item.append(line('to', `To ${to}, ${time.format(atMs)}`), line('text', text))
    texts.prepend(item)
  }
}

function showTimeline(entries: ControlRoomState['timeline']): void {
  timeline.replaceChildren(
    ...entries.map(({ atMs, who, sentence }) => {
      const item = document.createElement('li')
      item.dataset['who'] = who
      item.append(
        line('time', time.format(atMs)),
        line('who', { door: 'Door', lock: 'Lock', cloud: 'Cloud', you: 'You' }[who]),
        line('sentence', sentence),
      )
      return item
    }),
  )
}

function line(name: string, text: string): HTMLElement {
  const element = document.createElement('span')
  element.className = name
  element.textContent = text
  return element
}

/** What has not changed is left alone, so that nothing is read out twice. */
function setText(element: HTMLElement, text: string): void {
  if (element.textContent !== text) element.textContent = text
}

// ---------------------------------------------------------------- pressing

async function post(path: string, body: string): Promise<void> {
  setText(problem, '')
  try {
    const headers = { 'content-type': 'application/json' }
    const response = await fetch(`/api/${path}`, { method: 'POST', headers, body })
    if (!response.ok) setText(problem, sentenceIn(await response.json()))
  } catch {
    setText(problem, 'The control room has been stopped. Start it again with npm start.')
  }
}

function sentenceIn(answer: unknown): string {
  const found = typeof answer === 'object' && answer !== null && 'sentence' in answer
  return found ? String(answer.sentence) : 'That did not work.'
}

for (const button of document.querySelectorAll<HTMLButtonElement>('button[data-post]')) {
  button.addEventListener('click', () => {
    const { post: path = '', body = '{}' } = button.dataset
    void post(path, body)
  })
}

form.addEventListener('submit', (event) => {
  event.preventDefault()
  void post('allow', JSON.stringify(Object.fromEntries(new FormData(form))))
})

const events = new EventSource('/api/events')
let lost = false
events.addEventListener('open', () => {
  // It was started again, perhaps as a newer version: the page is fetched anew and fits it.
  if (lost) location.reload()
})
events.addEventListener('state', ({ data }) => show(JSON.parse(data)))
events.addEventListener('error', () => {
  lost = true
  setText(doorDetail, 'The control room does not answer. Is npm start still running?')
})
