/** The page on which the owner pairs a tablet: sends the code, and leads on to the keypad. */

interface Words {
  readonly title: string
  readonly how: string
  readonly label: string
  readonly pair: string
  readonly compare: string
  readonly wrong: string
  readonly tooMany: string
  readonly noAnswer: string
}

const english: Words = {
  title: 'Pair this tablet with the door',
  how: 'On the door’s computer, run sudo smart-door keypad pair NAME and type the code that it prints.',
  label: 'Code',
  pair: 'Pair',
  compare:
    'Pair only if the certificate that the browser shows for this page has this SHA-256 fingerprint:',
  wrong: 'This code is wrong, used or too old. Run the command again for a new one.',
  tooMany: 'Too many attempts. Please wait a minute.',
  noAnswer: 'The door does not answer. Please try again.',
}

const german: Words = {
  title: 'Dieses Tablet mit der Tür koppeln',
  how: 'Führen Sie am Rechner der Tür sudo smart-door keypad pair NAME aus und geben Sie den Code ein, der dort erscheint.',
  label: 'Code',
  pair: 'Koppeln',
  compare:
    'Koppeln Sie nur, wenn das Zertifikat, das der Browser für diese Seite zeigt, diesen SHA-256-Fingerabdruck hat:',
  wrong: 'Dieser Code ist falsch, benutzt oder zu alt. Führen Sie den Befehl erneut aus.',
  tooMany: 'Zu viele Versuche. Bitte warten Sie eine Minute.',
  noAnswer: 'Die Tür antwortet nicht. Bitte versuchen Sie es erneut.',
}

const answerWithinMs = 8_000
const tooManyRequests = 429

const isGerman = navigator.language.startsWith('de')
const words = isGerman ? german : english

const element = (id: string): HTMLElement => {
  const found = document.getElementById(id)
  if (!found) throw new Error(`#${id} is missing`)
  return found
}

function codeInput(): HTMLInputElement {
  const input = element('code')
  if (!(input instanceof HTMLInputElement)) throw new Error('#code is no input')
  return input
}

/** In German all is said anew; English is in the page already. */
function translate(): void {
  if (!isGerman) return
  document.documentElement.lang = 'de'
  document.title = german.title
  for (const id of ['title', 'how', 'label', 'pair', 'compare'] as const) {
    element(id).textContent = german[id]
  }
}

/** The QR code leads here with the code and the certificate's fingerprint behind the `#`. */
function readLink(): void {
  const [, code, digits] = /^#([A-Z0-9]{8})\.([0-9A-F]{64})$/.exec(location.hash) ?? []
  if (code === undefined || digits === undefined) return
  // Not left in the history of a tablet that hangs on a wall.
  history.replaceState(null, '', location.pathname)
  codeInput().value = code
  element('digits').textContent = digits.match(/../g)?.join(':') ?? ''
  element('fingerprint').hidden = false
}

async function pair(code: string): Promise<string | null> {
  try {
    const { ok, status } = await fetch('/pairing/code', {
      method: 'POST',
      headers: { 'content-type': 'application/json' },
      body: JSON.stringify({ code }),
      signal: AbortSignal.timeout(answerWithinMs),
    })
    if (ok) return null
    return status === tooManyRequests ? words.tooMany : words.wrong
  } catch {
    return words.noAnswer
  }
}

translate()
readLink()
element('form').addEventListener('submit', async (event) => {
  event.preventDefault()
  element('answer').textContent = ''
  const problem = await pair(codeInput().value)
  if (problem === null) location.replace('/')
  else element('answer').textContent = problem
})
