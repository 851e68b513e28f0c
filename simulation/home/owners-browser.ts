/** The owner's browser: signs in as the owner would, and then calls the API with its session. */
import type { SentMail } from '../aws/ses.ts'
import { FormBrowser } from '../cloud/form-browser.ts'

interface OwnersBrowserOptions {
  /** Of the pages. */
  readonly origin: string
  /** Oldest first. */
  invitations(): readonly SentMail[]
}

/** People who try the simulation can also sign in with it. */
export const ownersPassword = 'Maple-Street-4'

export class OwnersBrowser {
  readonly #options: OwnersBrowserOptions
  #browser: Promise<FormBrowser> | null = null

  constructor(options: OwnersBrowserOptions) {
    this.#options = options
  }

  /** Signs in again when the session has ended. */
  async fetch(path: string, init: RequestInit = {}): Promise<Response> {
    const answer = await this.#fetch(path, init)
    if (answer.status !== 401) return answer
    this.#browser = null
    return this.#fetch(path, init)
  }

  async #fetch(path: string, init: RequestInit): Promise<Response> {
    const { origin } = this.#options
    const headers = new Headers(init.headers)
    headers.set('origin', origin)
    return (await this.signedIn()).fetch(`${origin}${path}`, { ...init, headers })
  }

  signedIn(): Promise<FormBrowser> {
    this.#browser ??= this.#signIn()
    return this.#browser
  }

  /** The first time with the password of the invitation. */
  async #signIn(): Promise<FormBrowser> {
    const invitation = this.#options.invitations().at(-1)
    const username = invitation?.to[0] ?? ''
    const password = /temporary password: (\S+?)<br>/.exec(invitation?.html ?? '')?.[1] ?? ''
    const browser = new FormBrowser()
    await browser.open(`${this.#options.origin}/sign-in`)
    await browser.submit({ username, password })
    if (browser.text.includes('new_password')) {
      await browser.submit({ new_password: ownersPassword, confirm_password: ownersPassword })
    } else await browser.submit({ username, password: ownersPassword })
    if (browser.url !== `${this.#options.origin}/`) throw new Error('The owner cannot sign in.')
    return browser
  }
}
