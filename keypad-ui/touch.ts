/** Input by touch, keyboard and number pad. */
import { heldKeys } from './hold.ts'
import type { PageEvent } from './page.ts'
import { isLanguage } from './translations/translations.ts'

type Report = (event: PageEvent) => void

/** `mustHold`: whether a touched key counts only once it was held. */
export function listenToTouch(document: Document, report: Report, mustHold: () => boolean): void {
  const held = heldKeys()
  for (const key of document.querySelectorAll<HTMLElement>('#keypad [data-digit], #erase')) {
    const { digit } = key.dataset
    const press = () => report(digit === undefined ? { kind: 'erase' } : { kind: 'digit', digit })
    onPress(key, press, (event) => (mustHold() ? held.down(key, event, press) : press()))
  }
  onClick(document, '#confirm', () => report({ kind: 'confirm' }))
  onClick(document, '#bell', () => report({ kind: 'bell' }))
  for (const button of document.querySelectorAll<HTMLElement>('[data-language]')) {
    const { language } = button.dataset
    if (isLanguage(language)) {
      button.addEventListener('click', () => report({ kind: 'language', language }))
    }
  }
  // Pointers do not move the focus. Otherwise Enter would press the last touched key again.
  document.addEventListener('mousedown', (event) => {
    event.preventDefault()
    // In a frame the page needs the focus for what is typed next.
    document.defaultView?.focus()
  })
  document.addEventListener('contextmenu', (event) => event.preventDefault())
  document.addEventListener('keydown', (event) => keyDown(event, document, report))
}

/**
 * Keys react when the finger goes down: two quick thumbs overlap, which the browser does not turn
 * into clicks. A click without a pointer comes from Enter, the space bar or a screen reader.
 */
function onPress(key: HTMLElement, press: () => void, down: (event: PointerEvent) => void): void {
  key.addEventListener('pointerdown', (event) => {
    if (event.button === 0) down(event)
  })
  key.addEventListener('click', ({ pointerType }) => {
    if (pointerType === '') press()
  })
}

function onClick(document: Document, selector: string, click: () => void): void {
  document.querySelector(selector)?.addEventListener('click', click)
}

function keyDown(event: KeyboardEvent, document: Document, report: Report): void {
  if (event.ctrlKey || event.altKey || event.metaKey) return
  const digit = digitOf(event)
  if (digit !== null) {
    event.preventDefault()
    if (event.repeat) return
    report({ kind: 'digit', digit })
    // Shows what Enter will do next.
    document.getElementById('confirm')?.focus()
  } else if (event.key === 'Backspace' || event.key === 'Delete') {
    event.preventDefault()
    report({ kind: 'erase' })
  } else if (event.key === 'Escape') {
    report({ kind: 'clear' })
  } else if (event.key === 'Enter' && !isOnButton(event)) {
    report({ kind: 'confirm' })
  }
}

/** With Num Lock off a number pad sends arrow keys, which have no use here. */
function digitOf({ key, code }: KeyboardEvent): string | null {
  if (/^[0-9]$/.test(key)) return key
  return /^Numpad([0-9])$/.exec(code)?.[1] ?? null
}

const isOnButton = ({ target }: KeyboardEvent): boolean => target instanceof HTMLButtonElement
