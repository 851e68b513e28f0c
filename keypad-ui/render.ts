/** Shows a view. Changes only what differs, so that screen readers announce nothing twice. */
import { isLanguage, translations } from './translations/translations.ts'
import type { View } from './view.ts'

type Part = (id: string) => HTMLElement

export function screenOn(document: Document): { show(view: View): void } {
  const part = (id: string): HTMLElement => {
    const element = document.getElementById(id)
    if (!element) throw new Error(`The page has no element with the id "${id}".`)
    return element
  }
  let scene = ''
  return {
    show(view) {
      showWhole(document, view)
      showMessage(part, view)
      showScan(part, view)
      showKeypad(part, view)
      showBell(part, view)
      showLanguages(part('languages'), view)
      if (scene !== view.scene) appear(part('message'))
      scene = view.scene
    },
  }
}

function showWhole(document: Document, view: View): void {
  const root = document.documentElement
  setAttribute(root, 'lang', view.language)
  setAttribute(root, 'data-scene', view.scene)
  setAttribute(root, 'data-keypad', view.keypad ? 'on' : 'off')
  setAttribute(root, 'data-next', view.next ?? 'none')
  setAttribute(root, 'data-scan', view.scan ? 'on' : 'off')
  if (document.title !== view.doorName) document.title = view.doorName
}

function showMessage(part: Part, view: View): void {
  setText(part('door-name'), view.doorName)
  setIcon(part('icon'), view.icon)
  setSentence(part('sentence'), view)
  setText(part('detail'), view.detail ?? '')
  part('countdown').hidden = view.countdown === null
  setText(part('countdown-label'), view.words.worksAgainIn)
  setText(part('countdown-time'), view.countdown ?? '')
  part('visit').hidden = view.visitNumber === null
  setText(part('visit-label'), view.words.yourNumber)
  setText(part('visit-number'), String(view.visitNumber ?? ''))
  part('visit-detail').hidden = view.visitNumber === null
  setText(part('visit-detail'), view.words.yourNumberDetail)
  setText(part('announcement'), view.announcement)
}

/** `bdi` keeps a right-to-left name from reordering the rest. */
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

function showScan(part: Part, { scan }: View): void {
  part('scan').hidden = scan === null
  if (!scan) return
  setText(part('scan-label'), scan.label)
  setAttribute(part('scan-code'), 'alt', scan.alt)
  setAttribute(part('scan-code'), 'src', scan.picture)
}

function showKeypad(part: Part, { keypad, words }: View): void {
  part('keypad').hidden = keypad === null
  setAttribute(part('keypad'), 'aria-label', words.keypad)
  setText(part('erase-word'), words.erase)
  setText(part('confirm-word'), words.confirm)
  if (!keypad) return
  setAttribute(part('erase'), 'aria-disabled', String(keypad.typed === 0))
  setAttribute(part('confirm'), 'aria-disabled', String(!keypad.canConfirm))
  setAttribute(part('dots'), 'aria-label', keypad.typedLabel)
  showDots(part('dots'), keypad)
  showOrder(part('keys'), keypad.order)
}

/** Moves the keys for the eye only: screen readers and the keyboard find them in their usual order. */
function showOrder(keys: HTMLElement, order: string): void {
  for (const key of keys.querySelectorAll<HTMLElement>('[data-digit]')) {
    const place = order.indexOf(key.dataset['digit'] ?? '')
    // The last digit is between the two other keys.
    key.style.order = String(place < 9 ? place : 10)
  }
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
  setIcon(part('bell-icon'), bell.icon)
}

function showLanguages(languages: HTMLElement, view: View): void {
  setAttribute(languages, 'aria-label', view.words.language)
  for (const button of languages.querySelectorAll<HTMLElement>('[data-language]')) {
    const { language } = button.dataset
    if (!isLanguage(language)) continue
    setText(button, translations[language].languageName)
    setAttribute(button, 'aria-pressed', String(language === view.language))
  }
}

/** The only motion on the page: it shows that something has changed. */
function appear(part: HTMLElement): void {
  if (matchMedia('(prefers-reduced-motion: reduce)').matches) return
  part.animate({ opacity: [0, 1] }, { duration: 250, easing: 'ease-out' })
}

function setText(element: Element, text: string): void {
  if (element.textContent !== text) element.textContent = text
}

function setAttribute(element: Element, name: string, value: string): void {
  if (element.getAttribute(name) !== value) element.setAttribute(name, value)
}

function setIcon(part: HTMLElement, icon: string): void {
  const use = part.querySelector('use')
  if (use) setAttribute(use, 'href', `#icon-${icon}`)
}
