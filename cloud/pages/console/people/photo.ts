/**
 * A new photo for a person: the form that uploads it straight to the bucket, the page that waits for
 * it, and the question whether to use it.
 */
import { html } from 'hono/html'
import { policyWith } from '../../../api/security-headers.ts'
import { hexId, type WebDeps } from '../../../api/shared.ts'
import { fill } from '../../../translations/translations.ts'
import type { Visitor } from '../../../visitors/core/visitor.ts'
import { type UploadState, uploadState } from '../../../visitors/photo-upload.ts'
import { usePhoto } from '../../../visitors/use-photo.ts'
import { type ConsoleRoute, get, goTo, type Here, type Html, notFoundIn, post } from '../console.ts'
import { framed } from '../frame.ts'
import { personOf } from './asked.ts'

export const photoRoutes = (deps: WebDeps): readonly ConsoleRoute[] => [
  post('/people/:id/new-photo', 'owner', (here) => begin(deps, here)),
  get('/people/:id/new-photo/:upload', 'owner', (here) => show(deps, here)),
  post('/people/:id/new-photo/:upload', 'owner', (here) => use(deps, here)),
  get('/people/:id/new-photo/:upload/photo', 'owner', (here) => picture(deps, here)),
]

/** Each form takes a photo. The same count as in the API. */
const mostForms = [{ count: 50, withinMs: 24 * 3_600_000 }]

async function begin(deps: WebDeps, here: Here) {
  const person = await personOf(deps, here)
  if (!person) return notFoundIn(here)
  const { household } = here.home
  if (!(await deps.idempotency.allows(`photos#${household}`, mostForms, deps.clock.nowMs()))) {
    const { tooMany } = here.words.photo
    return here.context.html(page(here, person, { title: tooMany, body: html`` }), 429)
  }
  return goTo(here, `/people/${person.visitorId}/new-photo/${deps.newId()}`)
}

async function asked(deps: WebDeps, here: Here) {
  const person = await personOf(deps, here)
  const upload = hexId.safeParse(here.context.req.param('upload')).data
  if (!person || upload === undefined) return null
  return { person, upload, result: await uploadState(deps, here.home.household, upload) }
}

async function show(deps: WebDeps, here: Here) {
  const found = await asked(deps, here)
  if (!found) return notFoundIn(here)
  const { person, upload, result } = found
  const sentAtMs = Number(here.context.req.query('sent') ?? 0) || 0
  if (result.state === 'ready') return here.context.html(readyPage(here, person, upload))
  const isOver = deps.clock.nowMs() - sentAtMs > longestWaitMs
  if (result.state === 'none' && sentAtMs > 0 && !isOver) {
    const { waiting: title } = here.words.photo
    return here.context.html(page(here, person, { title, body: html``, refreshSeconds: 2 }))
  }
  const path = `/people/${person.visitorId}/new-photo/${upload}`
  const backTo = `${deps.webOrigin}${path}?sent=${deps.clock.nowMs()}`
  const form = await deps.photos.uploadForm(`raw/${here.home.household}/${upload}.jpg`, backTo)
  const formOrigin = new URL(form.url).origin
  here.context.header('content-security-policy', policyWith({ formOrigin, images: true }))
  return here.context.html(
    choosePage(here, person, { form, problem: problemIn(here, result, sentAtMs) }),
  )
}

/** The function has given up on the file by then, or is far behind. */
const longestWaitMs = 60_000

function problemIn({ words }: Here, result: UploadState, sentAtMs: number): string | undefined {
  if (result.state === 'flawed') return words.photo.flaws[result.flaw]
  return sentAtMs > 0 ? words.photo.flaws.unreadable : undefined
}

async function picture(deps: WebDeps, here: Here) {
  const found = await asked(deps, here)
  const stored = found?.result.state === 'ready' ? await deps.photos.read(found.result.key) : null
  if (!stored) return notFoundIn(here)
  here.context.header('content-type', 'image/jpeg')
  return here.context.body(new Uint8Array(stored.bytes))
}

/** A second click stores the same photo. */
async function use(deps: WebDeps, here: Here) {
  const found = await asked(deps, here)
  if (!found) return notFoundIn(here)
  const { household, visitorId } = found.person
  const used = await usePhoto(deps, household, visitorId, found.upload)
  const back = `/people/${visitorId}`
  return goTo(here, used === 'no-upload' ? `${back}/new-photo/${found.upload}` : back)
}

// ---------------------------------------------------------------- the pages

interface Shown {
  readonly title: string
  readonly body: Html
  readonly refreshSeconds?: number
}

const page = (here: Here, { visitorId, name }: Visitor, { title, body, ...more }: Shown): Html =>
  framed(here, {
    ...{ title, section: 'people', ...more },
    body: html`<h1 aria-live="polite">${title}</h1>
      ${body}
      <p><a class="button" href="/people/${visitorId}">${fill(here.words.people.back, { name })}</a></p>`,
  })

interface Choice {
  readonly form: { readonly url: string; readonly fields: Record<string, string> }
  readonly problem: string | undefined
}

/** The file comes last: the bucket ignores what follows it. */
function choosePage(here: Here, person: Visitor, { form, problem }: Choice): Html {
  const words = here.words.photo
  const hidden = Object.entries(form.fields).map(
    ([name, value]) => html`<input type="hidden" name="${name}" value="${value}">`,
  )
  return page(here, person, {
    title: fill(words.title, { name: person.name }),
    body: html`
      <form method="post" action="${form.url}" enctype="multipart/form-data" class="card"
        data-photo data-heic="${words.flaws.heic}" data-too-large="${words.flaws['too-large']}" data-unreadable="${words.flaws.unreadable}">
        ${hidden}
        <div class="field">
          <label for="file">${words.file}</label>
          <p class="problem" id="file-problem" role="alert">${problem ?? ''}</p>
          <input id="file" name="file" type="file" required accept="image/jpeg,image/png,image/webp" aria-describedby="file-problem file-hint">
          <p class="hint" id="file-hint">${words.hint}</p>
        </div>
        <button class="next">${words.upload}</button>
      </form>`,
  })
}

function readyPage(here: Here, person: Visitor, upload: string): Html {
  const words = here.words.photo
  const path = `/people/${person.visitorId}/new-photo`
  return page(here, person, {
    title: fill(words.question, { name: person.name }),
    body: html`<img class="face" src="${path}/${upload}/photo" alt="${words.alt}" width="320" height="320">
      <p class="quiet">${person.remembersFace ? words.isLearnt : words.isNotLearnt}</p>
      <div class="actions">
        <form method="post" action="${path}/${upload}"><button class="next">${words.use}</button></form>
        <form method="post" action="${path}"><button>${words.another}</button></form>
      </div>`,
  })
}
