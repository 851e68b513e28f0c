/** A browser without a screen or scripts: keeps cookies, follows redirects, and submits forms. */

export class FormBrowser {
  /** By host and name: unlike in a real browser, ports do not share cookies. */
  readonly #cookies = new Map<string, Map<string, string>>()
  #page: { readonly url: string; readonly text: string; readonly status: number } | null = null

  /** Every cookie that was set, as it was sent. */
  readonly setCookies: string[] = []

  get url(): string {
    return this.#page?.url ?? ''
  }

  get text(): string {
    return this.#page?.text ?? ''
  }

  get status(): number {
    return this.#page?.status ?? 0
  }

  /** The cookies for an address, as a header. */
  cookies(url: string): string {
    const all = this.#cookies.get(new URL(url).host) ?? new Map<string, string>()
    return [...all].map(([name, value]) => `${name}=${value}`).join('; ')
  }

  /** One request, without following a redirect. */
  async fetch(url: string, init: RequestInit = {}): Promise<Response> {
    const headers = new Headers(init.headers)
    headers.set('cookie', this.cookies(url))
    const response = await fetch(url, { ...init, headers, redirect: 'manual' })
    for (const cookie of response.headers.getSetCookie()) this.#store(url, cookie)
    return response
  }

  async open(url: string, init: RequestInit = {}): Promise<void> {
    const response = await this.fetch(url, init)
    const to = response.headers.get('location')
    if (to !== null) return this.open(new URL(to, url).href)
    this.#page = { url, text: await response.text(), status: response.status }
  }

  /** The page's only form, with its hidden fields. */
  async submit(fields: Readonly<Record<string, string>>): Promise<void> {
    const action = /<form[^>]*\baction="([^"]*)"/.exec(this.text)?.[1]
    if (action === undefined) throw new Error(`There is no form at ${this.url}.`)
    const hidden = this.text.matchAll(/type="hidden" name="([^"]*)" value="([^"]*)"/g)
    const given = [...hidden].map(([, name = '', value = '']): [string, string] => [name, value])
    const url = new URL(action.replaceAll('&amp;', '&'), this.url)
    const body = new URLSearchParams({ ...Object.fromEntries(given), ...fields })
    const headers = { origin: url.origin, 'sec-fetch-site': 'same-origin' }
    await this.open(url.href, { method: 'POST', body, headers })
  }

  #store(url: string, cookie: string): void {
    this.setCookies.push(cookie)
    const { host } = new URL(url)
    const all = this.#cookies.get(host) ?? new Map<string, string>()
    this.#cookies.set(host, all)
    const [, name = '', value = ''] = /^([^=]*)=([^;]*)/.exec(cookie) ?? []
    if (/;\s*max-age=0/i.test(cookie)) all.delete(name)
    else all.set(name, value)
  }
}
