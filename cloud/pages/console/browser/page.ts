/**
 * The script of the owner's pages, which also work without it: it loads what changes by itself, and
 * sends each form once.
 */
import { prepare } from './photo.ts'

const main = () => document.querySelector('main') ?? document.body

// ---------------------------------------------------------------- pages that change by themselves

/** What the server last sent, because the browser writes HTML in another way. */
let lastHtml = ''

async function refresh(): Promise<void> {
  const answer = await fetch(location.href, { headers: { accept: 'text/html' } })
  const isPage = (answer.headers.get('content-type') ?? '').startsWith('text/html')
  if (!isPage || isInUse()) return
  // The end of the session leads to the sign-in pages.
  if (answer.redirected) return location.reload()
  const fresh = new DOMParser()
    .parseFromString(await answer.text(), 'text/html')
    .querySelector('main')
  if (!fresh) return
  const html = withoutNonces(fresh.innerHTML)
  if (html !== lastHtml && lastHtml !== '') {
    main().innerHTML = fresh.innerHTML
    main().dataset['refresh'] = fresh.dataset['refresh'] ?? ''
  }
  lastHtml = html
}

const withoutNonces = (html: string): string =>
  html.replace(/ name="nonce" value="[0-9a-f]*"/g, '').replace(/ datetime="[^"]*"/g, '')

/** Nothing moves under a finger, and nothing that was typed is lost. */
const isInUse = (): boolean =>
  main().querySelector('details[open], :focus:not(a, button, h1)') !== null ||
  [...main().querySelectorAll('input')].some(isChanged)

const isChanged = ({ value, defaultValue, checked, defaultChecked }: HTMLInputElement): boolean =>
  value !== defaultValue || checked !== defaultChecked

function keepFresh(): void {
  const seconds = Number(main().dataset['refresh'] ?? 0)
  if (seconds > 0) {
    setTimeout(async () => {
      if (document.visibilityState === 'visible') await refresh().catch(() => undefined)
      keepFresh()
    }, seconds * 1_000)
  }
}

lastHtml = withoutNonces(main().innerHTML)
keepFresh()

// ---------------------------------------------------------------- forms

addEventListener('submit', (event) => {
  const { target, submitter } = event
  if (!(target instanceof HTMLFormElement) || target.method !== 'post') return
  if (target.dataset['photo'] !== undefined) {
    event.preventDefault()
    void prepare(target)
    return
  }
  // After the form was read, because a disabled button is not part of it.
  setTimeout(() => {
    for (const button of target.querySelectorAll('button')) button.disabled = true
    if (submitter instanceof HTMLElement) submitter.setAttribute('aria-busy', 'true')
  })
})

addEventListener('click', ({ target }) => {
  if (target instanceof HTMLElement && target.dataset['print'] !== undefined) print()
})

/** The back button shows the page as it was left. */
addEventListener('pageshow', ({ persisted }) => {
  if (persisted) location.reload()
})
