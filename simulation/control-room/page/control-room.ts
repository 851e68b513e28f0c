/** The control room in the browser: shows the server's state and sends what is pressed. */
import type { PageState } from '../state.ts'
import { playRecording, watchLive } from './recording.ts'
import { show, showGone } from './show.ts'
import { takePicture } from './webcam.ts'

const problem = document.getElementById('problem')

function showProblem(sentence: string): void {
  if (problem && problem.textContent !== sentence) problem.textContent = sentence
  problemOf = doorNow
}

/** A problem is no longer shown once the door is in another state. */
function clearOldProblem({ door }: PageState): void {
  doorNow = [door.lock, door.contact, door.online, door.running, door.keypad].join(' ')
  if (doorNow !== problemOf) showProblem('')
}
let doorNow = ''
let problemOf = ''

/** `request` returns a refusal, or null. */
async function send(request: () => Promise<unknown>): Promise<void> {
  showProblem('')
  try {
    const refusal = await request()
    if (refusal !== null) showProblem(sentenceIn(refusal))
  } catch {
    showProblem('The control room has been stopped. Start it again with npm start.')
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

/** A switch sends the opposite of what it shows; an inverted one is on while something is missing. */
function troubleOf({ dataset, ariaPressed }: HTMLButtonElement): object {
  const turnsOn = ariaPressed !== 'true'
  const { switch: name = '', on, off, inverted } = dataset
  if (on !== undefined && off !== undefined) return { [name]: Number(turnsOn ? on : off) }
  return { [name]: inverted === undefined ? turnsOn : !turnsOn }
}

const titleOf = ({ textContent }: HTMLButtonElement): string => textContent.replace(/^Play t/, 'T')

document.addEventListener('click', ({ target }) => {
  const button = target instanceof Element ? target.closest('button') : null
  if (!button) return
  const { post: path, body = '{}', recording } = button.dataset
  if (path !== undefined) void send(() => post(path, body))
  else if (recording !== undefined) void send(() => playRecording(recording, titleOf(button)))
  else if (button.dataset['switch'])
    void send(() => post('trouble', JSON.stringify(troubleOf(button))))
})

document.getElementById('webcam')?.addEventListener('click', async () => {
  const jpeg = await takePicture().catch(() => null)
  if (jpeg !== null) return send(() => post('webcam', JSON.stringify({ jpeg })))
  showProblem('No picture could be taken: there is no camera, or this page may not use it.')
})

document
  .getElementById('look')
  ?.addEventListener('click', () =>
    send(() => watchLive((forMs) => post('watch', JSON.stringify({ forMs })))),
  )

const events = new EventSource('/api/events')
let lost = false
events.addEventListener('open', () => {
  // The server was restarted, perhaps as a newer version that needs a newer page.
  if (lost) location.reload()
})
events.addEventListener('state', ({ data }) => {
  const state: PageState = JSON.parse(data)
  show(state)
  clearOldProblem(state)
})
events.addEventListener('error', () => {
  lost = true
  showGone()
})
