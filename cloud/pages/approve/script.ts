/**
 * The approval page's own script, as text because a Lambda is one file. It takes the secret out of
 * the address, where no server has seen it, and puts it into what it posts. It never decides by
 * itself, and it shows what the server wrote, which is escaped there.
 */
export const approveScript = `
const main = document.querySelector('main')
const link = () => new URLSearchParams(location.hash.slice(1))

async function ask(path, fields) {
  const { r, t } = Object.fromEntries(link())
  const answer = await fetch(path, {
    method: 'POST',
    credentials: 'omit',
    headers: { 'content-type': 'application/json', accept: 'text/html' },
    body: JSON.stringify({ ...fields, request: r, token: t }),
  })
  const isPage = (answer.headers.get('content-type') ?? '').startsWith('text/html')
  if (!isPage) throw new Error('not a page')
  main.innerHTML = await answer.text()
  const first = main.querySelector('[aria-invalid="true"]') ?? main.querySelector('h1')
  first?.focus()
}

function say(id) {
  main.replaceChildren(document.getElementById(id).content.cloneNode(true))
  // Whoever listens instead of looking hears what has the focus.
  main.querySelector('h1').focus()
}

async function show() {
  const { r, t } = Object.fromEntries(link())
  if (!r || !t) return say('link-incomplete')
  say('one-moment')
  await ask('/approve/show', {}).catch(() => say('no-answer'))
}

main.addEventListener('submit', async (event) => {
  event.preventDefault()
  const form = event.target
  const buttons = form.querySelectorAll('button')
  if ([...buttons].some((button) => button.disabled)) return
  const fields = Object.fromEntries(new FormData(form, event.submitter))
  for (const button of buttons) button.disabled = true
  await ask('/approve/decide', fields).catch(() => {
    for (const button of buttons) button.disabled = false
    const lost = form.querySelector('[data-lost]')
    lost.hidden = false
    lost.scrollIntoView({ block: 'center' })
  })
})
main.addEventListener('click', (event) => {
  if (event.target.closest('[data-again]')) show()
})
addEventListener('hashchange', show)
show()
`
