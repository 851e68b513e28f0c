/** The pages of managed login, as plain as they can be: what matters is what their forms send. */
import { html } from 'hono/html'

type Html = ReturnType<typeof html>

/** `action` has the query of the sign-in that the browser came for. */
interface Form {
  readonly action: string
  readonly csrf: string
  readonly problem?: string
}

export const signInPage = ({ action, csrf, problem }: Form, hint: string | null): Html =>
  page(
    'Sign in',
    html`<form method="post" action="${action}">
      ${problemIn(problem)}
      <input type="hidden" name="_csrf" value="${csrf}">
      <label>Email address <input name="username" type="email" required autocomplete="username"></label>
      <label>Password <input name="password" type="password" required autocomplete="current-password"></label>
      <button>Sign in</button>
    </form>
    ${hint === null ? '' : html`<p>${hint}</p>`}`,
  )

export const newPasswordPage = ({ action, csrf, problem }: Form, session: string): Html =>
  page(
    'Change your password',
    html`<form method="post" action="${action}">
      ${problemIn(problem)}
      <input type="hidden" name="_csrf" value="${csrf}">
      <input type="hidden" name="session" value="${session}">
      <label>New password <input name="new_password" type="password" required autocomplete="new-password"></label>
      <label>Enter new password again <input name="confirm_password" type="password" required autocomplete="new-password"></label>
      <button>Change password</button>
    </form>`,
  )

export const errorPage = (message: string): Html =>
  page('An error was encountered', html`<p>${message}</p>`)

export const noPasskeysPage = (back: string): Html =>
  page(
    'Add a passkey',
    html`<p>Cognito does this on AWS. The simulation cannot.</p><p><a href="${back}">Back</a></p>`,
  )

const problemIn = (problem: string | undefined) =>
  problem === undefined ? '' : html`<p role="alert">${problem}</p>`

const page = (title: string, content: Html): Html => html`<!doctype html>
<html lang="en">
  <head>
    <meta charset="utf-8">
    <meta name="viewport" content="width=device-width, initial-scale=1">
    <title>${title}</title>
    <link rel="icon" href="data:,">
    <style>
      :root { color-scheme: light dark }
      body { max-width: 22rem; margin: 10vh auto; padding: 0 1rem; font: 1rem/1.5 system-ui, sans-serif }
      form, label { display: grid; gap: .5rem }
      form { gap: 1.25rem }
      input, button { min-height: 3rem; padding: 0 .75rem; border: 1px solid gray; border-radius: .5rem; font: inherit }
      button { border: 0; background: #0972d3; color: white; font-weight: 600 }
    </style>
  </head>
  <body>
    <h1>${title}</h1>
    ${content}
  </body>
</html>`
