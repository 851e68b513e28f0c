/**
 * The pages of a household's members. Every page and form is registered here with the role that it
 * takes, so that none can forget to ask.
 */
import { type Context, Hono } from 'hono'
import { bodyLimit } from 'hono/body-limit'
import type { html } from 'hono/html'
import * as z from 'zod/mini'
import type { Language } from '../../../protocol/messages/shared.ts'
import { policyWith } from '../../api/security-headers.ts'
import { forgetSession, isFromOurPage, memberOf, sessionOf } from '../../api/sessions.ts'
import { languageOf, type WebDeps } from '../../api/shared.ts'
import { type Place, placeOf } from '../../letters/date-words.ts'
import {
  type Household,
  type Member,
  mayAct,
  type Role,
  roleIn,
} from '../../members/core/household.ts'
import {
  type ConsoleLanguage,
  type ConsoleWords,
  consoleLanguage,
  consoleWords,
} from '../../translations/console/words.ts'
import { strangerPage } from '../sign-in/view.ts'
import { noticePage, signedOutPage } from './frame.ts'

export type Html = ReturnType<typeof html>

/** Who looks at which page. */
export interface Here {
  readonly context: Context
  readonly member: Member
  readonly role: Role
  readonly home: Household
  readonly place: Place
  readonly language: ConsoleLanguage
  readonly words: ConsoleWords
}

type Answer = (here: Here) => Response | Promise<Response>

export interface ConsoleRoute {
  readonly method: 'GET' | 'POST'
  readonly path: string
  /** The least that a member must be. */
  readonly role: Role
  readonly answer: Answer
}

export const get = (path: string, role: Role, answer: Answer): ConsoleRoute => ({
  ...{ method: 'GET', path, role, answer },
})
export const post = (path: string, role: Role, answer: Answer): ConsoleRoute => ({
  ...{ method: 'POST', path, role, answer },
})

const maxFormBytes = 32 * 1024

export function consolePages(deps: WebDeps, routes: readonly ConsoleRoute[]): Hono {
  const app = new Hono()
  const limit = bodyLimit({ maxSize: maxFormBytes })
  for (const { method, path, role, answer } of routes) {
    const handler = (context: Context) => open(deps, context, role, answer)
    if (method === 'GET') app.get(path, handler)
    else app.post(path, limit, handler)
  }
  return app
}

async function open(deps: WebDeps, context: Context, role: Role, answer: Answer) {
  const language = languageOf(context)
  const isForm = context.req.method === 'POST'
  allow(context)
  if (isForm && !isFromOurPage(context, deps.webOrigin)) {
    deps.log.warn({ reason: 'wrong-origin' }, 'post refused')
    return context.html(noticePage(consoleLanguage(language), 'wrongOrigin'), 403)
  }
  const signedIn = await sessionOf(deps, context)
  if (!signedIn) return isForm ? keepForm(context, language) : toSignIn(context)
  const member = await memberOf(deps, signedIn)
  if (member === 'signed-out') {
    forgetSession(context)
    return isForm ? keepForm(context, language) : toSignIn(context)
  }
  const home = member && (await deps.households.find(member.household))
  if (!member || !home) {
    await allowSigningOut(deps, context)
    return context.html(strangerPage(language), 403)
  }
  const here = hereOf(context, member, home, language)
  if (mayAct(here.role, role)) return answer(here)
  const refusal = role === 'owner' ? 'ownersOnly' : 'openersOnly'
  return context.html(noticePage(here.language, refusal), 403)
}

function hereOf(context: Context, member: Member, home: Household, asked: Language): Here {
  const language = consoleLanguage(asked)
  return {
    ...{ context, member, home, language },
    role: roleIn(home, member),
    place: placeOf(home),
    words: consoleWords[language],
  }
}

/** Pictures and videos of our own. Without a referrer, browsers do not say where a form was sent from. */
function allow(context: Context): void {
  context.header('referrer-policy', 'same-origin')
  context.header('content-security-policy', policyWith({ images: true }))
}

/** The form that signs out is redirected to the login pages. */
export async function allowSigningOut({ signIns }: WebDeps, context: Context): Promise<void> {
  const formOrigin = await signIns.loginOrigin()
  context.header('content-security-policy', policyWith({ formOrigin, images: true }))
}

function toSignIn(context: Context) {
  const { pathname, search } = new URL(context.req.url)
  return context.redirect(`/sign-in?${new URLSearchParams({ back: pathname + search })}`)
}

/** What was typed stays on the page, to be sent again after signing in. */
async function keepForm(context: Context, language: Language) {
  const typed = await typedIn(context)
  const { pathname } = new URL(context.req.url)
  return context.html(signedOutPage(consoleLanguage(language), pathname, typed), 401)
}

// ---------------------------------------------------------------- answers

export const notFoundIn = ({ context, language }: Here) =>
  context.html(noticePage(language, 'notFound'), 404)

export const invalidIn = ({ context, language }: Here) =>
  context.html(noticePage(language, 'invalid'), 400)

/** After a form, so that loading the page again does not send the form again. */
export const goTo = ({ context }: Here, path: string) => context.redirect(path, 303)

/** Null for a form that no page of ours sends. */
export async function formOf<T extends z.ZodMiniType>(
  { context }: Here,
  schema: T,
): Promise<z.infer<T> | null> {
  const result = z.safeParse(schema, Object.fromEntries(await typedIn(context)))
  return result.success ? result.data : null
}

/** Text fields only. */
async function typedIn({ req }: Context): Promise<(readonly [string, string])[]> {
  const body = await req.parseBody().catch(() => ({}))
  return Object.entries(body).flatMap(([name, value]) =>
    typeof value === 'string' ? [[name, value] as const] : [],
  )
}
