/** The keypad page: passes events to page.ts, executes the effects, shows the view. */
import { lightAt } from './light.ts'
import { followDoor, ringBell, sendCode } from './link.ts'
import { type Effect, newPage, nextChangeMs, type PageEvent, step } from './page.ts'
import { screenOn } from './render.ts'
import { randomBelow, shuffled } from './shuffle.ts'
import { soundsAfterFirstTouch } from './sounds/melodies.ts'
import { speaker } from './sounds/speech.ts'
import { listenToTouch } from './touch.ts'
import { viewOf } from './view.ts'

const screen = screenOn(document)
const sounds = soundsAfterFirstTouch()
const speech = speaker()
let page = newPage
let timer: ReturnType<typeof setTimeout> | undefined

function dispatch(event: PageEvent): void {
  const { page: next, effects } = step(page, event, performance.now())
  page = next
  for (const effect of effects) void execute(effect)
  show()
}

async function execute(effect: Effect): Promise<void> {
  switch (effect.kind) {
    case 'send-code':
      return dispatch({
        kind: 'answer',
        attempt: effect.attempt,
        answer: await sendCode(effect.code),
      })
    case 'ring':
      return dispatch({ kind: 'bell-answer', rung: await ringBell() })
    case 'shuffle':
      return dispatch({ kind: 'shuffled', order: shuffled(randomBelow) })
    case 'play':
      return sounds.play(effect.sound)
    default:
      return effect satisfies never
  }
}

function show(): void {
  // Uptime, because the clock may be set during a countdown.
  const nowMs = performance.now()
  const view = viewOf(page, nowMs)
  screen.show(view)
  speech.follow(view)
  clearTimeout(timer)
  const nextMs = nextChangeMs(page, nowMs)
  if (nextMs !== null)
    timer = setTimeout(() => dispatch({ kind: 'time-passed' }), nextMs - nowMs + 1)
}

const darkScheme = matchMedia('(prefers-color-scheme: dark)')
const minuteMs = 60_000

function showLight(): void {
  document.documentElement.dataset['light'] = lightAt(new Date().getHours(), darkScheme.matches)
}

const reloadAfterMs = 5_000

showLight()
darkScheme.addEventListener('change', showLight)
setInterval(showLight, minuteMs)
listenToTouch(document, dispatch, () => viewOf(page, performance.now()).mustHold)
show()
followDoor({
  state: (state) => dispatch({ kind: 'state', state }),
  lost: () => dispatch({ kind: 'link-lost' }),
  // The daemon was updated and serves a newer page.
  notUnderstood: () => setTimeout(() => location.reload(), reloadAfterMs),
})
