/** The control room in the browser: shows what the server tells and sends what is pressed. */
import type { PageState } from '../state.ts'
import { lookThroughTheDoor, playRecording } from './recording.ts'
import { show, showGone } from './show.ts'
import { takePicture } from './webcam.ts'

const problem = document.getElementById('problem')

function say(sentence: string): void {
  if (problem && problem.textContent !== sentence) problem.textContent = sentence
  saidOf = doorNow
}

/** What could not be done says nothing any more once the door is in another state. */
function forgetOld({ door }: PageState): void {
  doorNow = [door.lock, door.contact, door.online, door.running, door.keypad].join(' ')
  if (doorNow !== saidOf) say('')
}
let doorNow = ''
let saidOf = ''

/** `ask` gives the answer that says why something could not be done, or null. */
async function asked(ask: () => Promise<unknown>): Promise<void> {
  say('')
  try {
    const refusal = await ask()
    if (refusal !== null) say(sentenceIn(refusal))
  } catch {
    say('The control room has been stopped. Start it again with npm start.')
  }
}

async function post(path: string, body: string): Promise<unknown> {
  const headers = { 'content-type': 'application/json' }
  const response = await fetch(`/api/${path}`, { method: 'POST', headers, body })
  return response.ok ? null : response.json()
}

function sentenceIn(answer: unknown): string {
  const found = typeof answer === 'object' && answer !== null && 'sentence' in answer
  return found ? String(answer.sentence) : 'That did not work.'
}

/** A switch sends the opposite of what it shows; an inverted one is about something being there. */
function wishOf({ dataset, ariaPressed }: HTMLButtonElement): object {
  const turnsOn = ariaPressed !== 'true'
  const { switch: name = '', on, off, inverted } = dataset
  if (on !== undefined && off !== undefined) return { [name]: Number(turnsOn ? on : off) }
  return { [name]: inverted === undefined ? turnsOn : !turnsOn }
}

const whatPlays = ({ textContent }: HTMLButtonElement): string =>
  textContent.replace(/^Play t/, 'T')

document.addEventListener('click', ({ target }) => {
  const button = target instanceof Element ? target.closest('button') : null
  if (!button) return
  const { post: path, body = '{}', recording } = button.dataset
  if (path !== undefined) void asked(() => post(path, body))
  else if (recording !== undefined) void asked(() => playRecording(recording, whatPlays(button)))
  else if (button.dataset['switch'])
    void asked(() => post('trouble', JSON.stringify(wishOf(button))))
})

document.getElementById('webcam')?.addEventListener('click', async () => {
  const jpeg = await takePicture().catch(() => null)
  if (jpeg !== null) return asked(() => post('webcam', JSON.stringify({ jpeg })))
  say('No picture could be taken: there is no camera, or it may not be used by this page.')
})

document
  .getElementById('look')
  ?.addEventListener('click', () =>
    asked(() => lookThroughTheDoor((forMs) => post('watch', JSON.stringify({ forMs })))),
  )

const events = new EventSource('/api/events')
let lost = false
events.addEventListener('open', () => {
  // It was started again, perhaps as a newer version: the page is fetched anew and fits it.
  if (lost) location.reload()
})
events.addEventListener('state', ({ data }) => {
  const state: PageState = JSON.parse(data)
  show(state)
  forgetOld(state)
})
events.addEventListener('error', () => {
  lost = true
  showGone()
})
