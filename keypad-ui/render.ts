/** Puts a view on the screen, touching only what differs, so that nothing is announced twice. */
import { isLanguage, textsIn } from './translations/translations.ts'
import type { View } from './view.ts'

const ids = [
  'door-name',
  'message',
  'picture',
  'sentence',
  'detail',
  'countdown',
  'countdown-label',
  'countdown-time',
  'visit',
  'visit-label',
  'visit-number',
  'visit-detail',
  'keypad',
  'dots',
  'erase',
  'erase-word',
  'confirm',
  'confirm-word',
  'bell',
  'bell-picture',
  'bell-word',
  'languages',
  'aside',
] as const
type Id = (typeof ids)[number]
type Part = (id: Id) => HTMLElement

class PageIncomplete extends Error {
  override readonly name = 'PageIncomplete'
}

export function screenOn(document: Document): { show(view: View): void } {
  const parts = new Map(ids.map((id) => [id, elementIn(document, id)]))
  const part = (id: Id) => parts.get(id) ?? elementIn(document, id)
  let scene = ''
  return {
    show(view) {
      showWhole(document, view)
      showMessage(part, view)
      showKeypad(part, view)
      showBell(part, view)
      showLanguages(part('languages'), view)
      if (scene !== view.scene) appear(part('message'))
      scene = view.scene
    },
  }
}

function elementIn(document: Document, id: Id): HTMLElement {
  const element = document.getElementById(id)
  if (!element) throw new PageIncomplete(`The page has no element with the id "${id}".`)
  return element
}

// ---------------------------------------------------------------- part by part

function showWhole(document: Document, view: View): void {
  const root = document.documentElement
  setAttribute(root, 'lang', view.language)
  setAttribute(root, 'data-scene', view.scene)
  setAttribute(root, 'data-keypad', view.keypad ? 'on' : 'off')
  setAttribute(root, 'data-next', view.next ?? 'none')
  if (document.title !== view.doorName) document.title = view.doorName
}

function showMessage(part: Part, view: View): void {
  setText(part('door-name'), view.doorName)
  setPicture(part('picture'), view.picture)
  setSentence(part('sentence'), view)
  setText(part('detail'), view.detail ?? '')
  part('countdown').hidden = view.countdown === null
  setText(part('countdown-label'), view.texts.worksAgainIn)
  setText(part('countdown-time'), view.countdown ?? '')
  part('visit').hidden = view.visitNumber === null
  setText(part('visit-label'), view.texts.yourNumber)
  setText(part('visit-number'), String(view.visitNumber ?? ''))
  part('visit-detail').hidden = view.visitNumber === null
  setText(part('visit-detail'), view.texts.yourNumberDetail)
  setText(part('aside'), view.aside)
}

/** A name may run from right to left; `bdi` keeps it from dragging the rest along. */
function setSentence(part: HTMLElement, { sentence, name }: View): void {
  if (part.textContent === sentence) return
  if (name === null) {
    part.textContent = sentence
    return
  }
  const at = sentence.indexOf(name)
  const isolated = document.createElement('bdi')
  isolated.textContent = name
  part.replaceChildren(sentence.slice(0, at), isolated, sentence.slice(at + name.length))
}

function showKeypad(part: Part, { keypad, texts }: View): void {
  part('keypad').hidden = keypad === null
  setAttribute(part('keypad'), 'aria-label', texts.keypad)
  setText(part('erase-word'), texts.erase)
  setText(part('confirm-word'), texts.confirm)
  if (!keypad) return
  setAttribute(part('erase'), 'aria-disabled', String(keypad.typed === 0))
  setAttribute(part('confirm'), 'aria-disabled', String(!keypad.canConfirm))
  setAttribute(part('dots'), 'aria-label', keypad.typedLabel)
  showDots(part('dots'), keypad)
}

function showDots(dots: HTMLElement, { typed, digits }: NonNullable<View['keypad']>): void {
  while (dots.childElementCount < digits) dots.append(document.createElement('i'))
  while (dots.childElementCount > digits) dots.lastElementChild?.remove()
  for (const [index, dot] of [...dots.children].entries()) {
    dot.classList.toggle('typed', index < typed)
  }
}

function showBell(part: Part, { bell }: View): void {
  part('bell').hidden = bell === null
  if (!bell) return
  setText(part('bell-word'), bell.label)
  setPicture(part('bell-picture'), bell.picture)
}

function showLanguages(languages: HTMLElement, view: View): void {
  setAttribute(languages, 'aria-label', view.texts.language)
  for (const button of languages.querySelectorAll<HTMLElement>('[data-language]')) {
    const { language } = button.dataset
    if (!isLanguage(language)) continue
    setText(button, textsIn[language].languageName)
    setAttribute(button, 'aria-pressed', String(language === view.language))
  }
}

/** The only motion on the page, and only to say that something has changed. */
function appear(part: HTMLElement): void {
  if (matchMedia('(prefers-reduced-motion: reduce)').matches) return
  part.animate({ opacity: [0, 1] }, { duration: 250, easing: 'ease-out' })
}

// ---------------------------------------------------------------- only what differs

function setText(element: Element, text: string): void {
  if (element.textContent !== text) element.textContent = text
}

function setAttribute(element: Element, name: string, value: string): void {
  if (element.getAttribute(name) !== value) element.setAttribute(name, value)
}

function setPicture(part: HTMLElement, picture: string): void {
  const use = part.querySelector('use')
  if (use) setAttribute(use, 'href', `#picture-${picture}`)
}
