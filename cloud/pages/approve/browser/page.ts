/**
 * The script of the approval page. It takes the secret from the part of the address that servers
 * never see and adds it to what it posts. It shows the HTML that the server sends, which is escaped
 * there, and never decides by itself.
 */
const main = document.querySelector('main') ?? document.body

async function post(path: string, fields: object): Promise<void> {
  const { r, t } = secret()
  const answer = await fetch(path, {
    method: 'POST',
    credentials: 'omit',
    headers: { 'content-type': 'application/json', accept: 'text/html' },
    body: JSON.stringify({ ...fields, request: r, token: t }),
  })
  const isPage = (answer.headers.get('content-type') ?? '').startsWith('text/html')
  if (!isPage) throw new Error('expected a page')
  main.innerHTML = await answer.text()
  focusOn('[aria-invalid="true"]', 'h1')
}

function secret() {
  const fragment = new URLSearchParams(location.hash.slice(1))
  return { r: fragment.get('r'), t: fragment.get('t') }
}

function showTemplate(id: string): void {
  const template = document.getElementById(id)
  if (template instanceof HTMLTemplateElement) {
    main.replaceChildren(template.content.cloneNode(true))
  }
  focusOn('h1')
}

/** Screen readers read what has the focus. */
function focusOn(...selectors: string[]): void {
  const first = selectors.map((one) => main.querySelector<HTMLElement>(one)).find(Boolean)
  first?.focus()
}

async function show(): Promise<void> {
  const { r, t } = secret()
  if (!r || !t) return showTemplate('link-incomplete')
  showTemplate('one-moment')
  await post('/approve/show', {}).catch(() => showTemplate('no-answer'))
}

async function submit(form: HTMLFormElement, submitter: HTMLElement | null): Promise<void> {
  const buttons = form.querySelectorAll('button')
  if ([...buttons].some((button) => button.disabled)) return
  const fields = Object.fromEntries(new FormData(form, submitter))
  for (const button of buttons) button.disabled = true
  await post('/approve/decide', fields).catch(() => {
    for (const button of buttons) button.disabled = false
    const notice = form.querySelector<HTMLElement>('[data-no-answer]')
    if (!notice) return
    notice.hidden = false
    notice.scrollIntoView({ block: 'center' })
  })
}

main.addEventListener('submit', (event) => {
  event.preventDefault()
  if (event.target instanceof HTMLFormElement) void submit(event.target, event.submitter)
})
main.addEventListener('click', ({ target }) => {
  if (target instanceof Element && target.closest('[data-again]')) void show()
})
addEventListener('hashchange', () => void show())
void show()
