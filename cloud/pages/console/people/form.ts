/** The form about a person, to add and to edit one. Nothing that was typed is lost. */
import { html } from 'hono/html'
import * as z from 'zod/mini'
import { languages } from '../../../../protocol/messages/shared.ts'
import { hexId, type WebDeps } from '../../../api/shared.ts'
import { consentWording } from '../../../translations/consent-wording.ts'
import { fill, translations } from '../../../translations/translations.ts'
import type { Visitor } from '../../../visitors/core/visitor.ts'
import { type FormProblems, tagsIn, type VisitorEdit } from '../../../visitors/core/visitor-form.ts'
import { checkbox, field, select, textarea } from '../../fields.ts'
import {
  type ConsoleRoute,
  formOf,
  get,
  goTo,
  type Here,
  type Html,
  invalidIn,
  notFoundIn,
  post,
} from '../console.ts'
import { framed } from '../frame.ts'
import { personOf } from './asked.ts'
import { validityWords } from './words.ts'

export const formRoutes = (deps: WebDeps): readonly ConsoleRoute[] => [
  get('/people/new', 'owner', (here) =>
    here.context.html(formPage(here, null, { typed: blank(deps, here) })),
  ),
  post('/people/new', 'owner', (here) => add(deps, here)),
  get('/people/:id/edit', 'owner', async (here) => {
    const person = await personOf(deps, here)
    if (!person) return notFoundIn(here)
    return here.context.html(
      formPage(here, person, { typed: typedAbout(person), nowMs: deps.clock.nowMs() }),
    )
  }),
  post('/people/:id/edit', 'owner', (here) => edit(deps, here)),
]

// ---------------------------------------------------------------- what was typed

const text = z._default(z.string(), '')

/** `person` is the id of a new one, or else the revision that the page showed. */
const fieldsSchema = z.object({
  ...{ person: text, name: text, phone: text, email: text, prefers: text, language: text },
  ...{ validity: text, tags: text, notes: text, remembersFace: text, trusted: text },
})

/** Every field as text, and the ids of the lists that are ticked. */
interface Typed {
  readonly fields: z.infer<typeof fieldsSchema>
  readonly lists: readonly string[]
}

const typedOf = (given: Readonly<Record<string, string>>): Typed => ({
  fields: fieldsSchema.parse(given),
  lists: Object.keys(given).flatMap((name) => /^list-([0-9a-f]{32})$/.exec(name)?.[1] ?? []),
})

const blank = (deps: WebDeps, { language }: Here): Typed =>
  typedOf({ person: deps.newId(), language, prefers: 'sms', validity: 'always' })

const typedAbout = (person: Visitor): Typed => ({
  fields: {
    ...{ name: person.name, language: person.language, validity: '' },
    ...{ phone: person.contact.phone ?? '', email: person.contact.email ?? '' },
    ...{ prefers: person.contact.prefers, tags: person.tags.join(', '), notes: person.notes ?? '' },
    remembersFace: person.remembersFace ? 'yes' : '',
    trusted: person.trusted ? 'yes' : '',
    person: String(person.revision),
  },
  lists: person.lists ?? [],
})

/** Browsers end lines with two signs. */
const editOf = ({ fields, lists }: Typed): VisitorEdit => {
  const { name, phone, email, prefers, language, validity, tags, notes } = fields
  return {
    ...{ name, phone, email, prefers, language, lists },
    ...(validity !== '' && { validity }),
    tags: tagsIn(tags),
    notes: notes.replaceAll('\r\n', '\n').trim(),
    remembersFace: fields.remembersFace !== '',
    trusted: fields.trusted !== '',
  }
}

const formSchema = z.record(z.string(), z.string().check(z.maxLength(5_000)))

// ---------------------------------------------------------------- saving

async function add(deps: WebDeps, here: Here) {
  const typed = typedOf((await formOf(here, formSchema)) ?? {})
  const id = typed.fields.person
  if (!hexId.safeParse(id).success) return invalidIn(here)
  const outcome = await deps.owners.addVisitor(editorIn(here), id, editOf(typed))
  if (outcome === null) return notFoundIn(here)
  if (outcome.outcome === 'unfit') {
    return here.context.html(formPage(here, null, { typed, problems: outcome.problems }), 422)
  }
  // A conflict is the same form, sent again.
  return goTo(here, `/people/${id}`)
}

async function edit(deps: WebDeps, here: Here) {
  const person = await personOf(deps, here)
  if (!person) return notFoundIn(here)
  const typed = typedOf((await formOf(here, formSchema)) ?? {})
  const revision = Number(typed.fields.person)
  const change = { ...editOf(typed), revision }
  const outcome = await deps.owners.editVisitor(editorIn(here), person.visitorId, change)
  if (outcome === null) return notFoundIn(here)
  if (outcome.outcome === 'changed') return goTo(here, `/people/${person.visitorId}`)
  const nowMs = deps.clock.nowMs()
  if (outcome.outcome === 'unfit') {
    return here.context.html(
      formPage(here, person, { typed, nowMs, problems: outcome.problems }),
      422,
    )
  }
  const fields = { ...typed.fields, person: String(person.revision) }
  const again = { typed: { ...typed, fields }, nowMs, isConflict: true }
  return here.context.html(formPage(here, person, again), 409)
}

const editorIn = ({ member, language }: Here) => ({ ...member, wording: consentWording(language) })

// ---------------------------------------------------------------- the page

interface Form {
  readonly typed: Typed
  readonly nowMs?: number
  readonly problems?: FormProblems
  readonly isConflict?: boolean
}

function formPage(here: Here, person: Visitor | null, form: Form): Html {
  const words = here.words.people
  const { approvalPage: shared } = translations[here.language]
  const title = person ? fill(words.editTitle, { name: person.name }) : words.add
  const { problems = {}, isConflict = false } = form
  const notice = isConflict ? words.conflict : shared.checkFields
  const isWrong = isConflict || Object.keys(problems).length > 0
  const back = person ? `/people/${person.visitorId}` : '/people'
  return framed(here, {
    title,
    section: 'people',
    body: html`<h1>${title}</h1>
      ${isWrong ? html`<p class="problem" role="alert">${notice}</p>` : ''}
      <form method="post" novalidate>
        <input type="hidden" name="person" value="${form.typed.fields.person}">
        ${fieldsOf(here, person, form)}
        <div class="actions">
          <button class="next">${words.save}</button>
          <a class="button" href="${back}">${words.cancel}</a>
        </div>
      </form>`,
  })
}

function fieldsOf(
  here: Here,
  person: Visitor | null,
  { typed, problems = {}, nowMs = 0 }: Form,
): Html {
  const words = here.words.people
  const { approvalPage: shared } = translations[here.language]
  const sentences: Readonly<Record<string, string>> = Object.fromEntries(
    Object.entries(problems).map(([name, problem]) => [name, shared.problems[problem]]),
  )
  const { fields } = typed
  const input = field(fields, sentences)
  const validity = person && validityWords(here, { ...person, lists: [], blocked: false }, nowMs)
  const kept = validity ? { '': fill(words.validityKept, { validity }) } : {}
  return html`
    ${input('name', shared.name, html`type="text" maxlength="200" autocapitalize="words" autocomplete="off"`)}
    ${input('phone', shared.phone, html`type="tel" maxlength="40" autocomplete="off"`, shared.phoneHint)}
    ${input('email', shared.email, html`type="email" maxlength="254" autocapitalize="none" spellcheck="false" autocomplete="off"`, shared.reach)}
    ${select('prefers', shared.prefers, { sms: shared.bySms, email: shared.byEmail }, fields.prefers)}
    ${select('language', shared.language, languageNames, fields.language)}
    ${select('validity', words.validityField, { ...kept, ...words.validities }, fields.validity)}
    ${listChoices(here, typed.lists)}
    ${checkbox('trusted', words.trusted, fields.trusted !== '')}
    ${input('tags', words.tags, html`type="text" maxlength="700" autocapitalize="none" autocomplete="off"`, words.tagsHint)}
    ${textarea('notes', words.notes, { value: fields.notes, problem: sentences['notes'], hint: words.notesHint })}
    ${checkbox('remembersFace', shared.remember, fields.remembersFace !== '')}`
}

const languageNames = Object.fromEntries(
  languages.map((language) => [language, translations[language].languageName]),
)

function listChoices({ home, words: { people: words } }: Here, chosen: readonly string[]) {
  if (home.lists.length === 0) return ''
  return html`<fieldset>
    <legend>${words.lists}</legend>
    ${home.lists.map(({ listId, name }) => checkbox(`list-${listId}`, name, chosen.includes(listId)))}
    <p class="hint">${words.listsHint}</p>
  </fieldset>`
}
