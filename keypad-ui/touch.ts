/** Fingers, keyboards and number pads: what is pressed becomes what happened. */
import type { Happening } from './page.ts'
import { isLanguage } from './translations/translations.ts'

type Report = (happening: Happening) => void

export function listenToTouch(document: Document, report: Report): void {
  for (const key of document.querySelectorAll<HTMLElement>('#keypad [data-digit], #erase')) {
    const { digit } = key.dataset
    onPress(key, () => report(digit === undefined ? { kind: 'erase' } : { kind: 'digit', digit }))
  }
  onClick(document, '#confirm', () => report({ kind: 'confirm' }))
  onClick(document, '#bell', () => report({ kind: 'bell' }))
  for (const button of document.querySelectorAll<HTMLElement>('[data-language]')) {
    const { language } = button.dataset
    if (isLanguage(language)) {
      button.addEventListener('click', () => report({ kind: 'language', language }))
    }
  }
  // A finger or a mouse leaves the focus where it was. Otherwise Enter, pressed after a touch,
  // would press the touched key again.
  document.addEventListener('mousedown', (event) => {
    event.preventDefault()
    // In a frame the page itself has no focus yet, and what is typed next is meant for it.
    document.defaultView?.focus()
  })
  document.addEventListener('contextmenu', (event) => event.preventDefault())
  document.addEventListener('keydown', (event) => keyDown(event, document, report))
}

/**
 * The keys count when the finger goes down, as on any keypad: two quick thumbs overlap, and the
 * browser makes no click of that. A click without a pointer comes from Enter, from the space bar
 * or from a screen reader.
 */
function onPress(key: HTMLElement, press: () => void): void {
  key.addEventListener('pointerdown', ({ button }) => {
    if (button === 0) press()
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
    // What Enter will do next is where the focus is to be seen.
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

/** With Num Lock off a number pad sends arrows; nobody at a door means arrows. */
function digitOf({ key, code }: KeyboardEvent): string | null {
  if (/^[0-9]$/.test(key)) return key
  return /^Numpad([0-9])$/.exec(code)?.[1] ?? null
}

const isOnButton = ({ target }: KeyboardEvent): boolean => target instanceof HTMLButtonElement
