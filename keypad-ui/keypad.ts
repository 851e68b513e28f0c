/** The keypad page: carries to page.ts what happens, carries out its orders, shows the view. */
import { lightAt } from './light.ts'
import { followDoor, ringBell, sendCode } from './link.ts'
import { type Happening, newPage, nextChangeMs, type Order, step } from './page.ts'
import { screenOn } from './render.ts'
import { soundsAfterFirstTouch } from './sounds.ts'
import { listenToTouch } from './touch.ts'
import { viewOf } from './view.ts'

const screen = screenOn(document)
const sounds = soundsAfterFirstTouch()
let page = newPage
let timer: ReturnType<typeof setTimeout> | undefined

function happen(happening: Happening): void {
  const { page: next, orders } = step(page, happening, performance.now())
  page = next
  for (const order of orders) void carryOut(order)
  show()
}

async function carryOut(order: Order): Promise<void> {
  switch (order.kind) {
    case 'send-code':
      return happen({ kind: 'answer', attempt: order.attempt, answer: await sendCode(order.code) })
    case 'ring':
      return happen({ kind: 'bell-answer', rung: await ringBell() })
    case 'play':
      return sounds.play(order.sound)
    default:
      return order satisfies never
  }
}

function show(): void {
  // Running time, as the machine's clock may be set while somebody reads a countdown.
  const nowMs = performance.now()
  screen.show(viewOf(page, nowMs))
  clearTimeout(timer)
  const nextMs = nextChangeMs(page, nowMs)
  if (nextMs !== null) timer = setTimeout(() => happen({ kind: 'time-passed' }), nextMs - nowMs + 1)
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
listenToTouch(document, happen)
show()
followDoor({
  state: (state) => happen({ kind: 'state', state }),
  lost: () => happen({ kind: 'link-lost' }),
  // The daemon has been updated under the page, and has a newer page to go with it.
  notUnderstood: () => setTimeout(() => location.reload(), reloadAfterMs),
})
