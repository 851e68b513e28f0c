/** The phone of a visitor who scans the code on the keypad, for scripts. */
import { FormBrowser } from '../cloud/form-browser.ts'
import { codeIn } from '../cloud/inbox.ts'

export interface VisitorsPhone {
  /** False when the keypad shows no code, or the page has no form. */
  ring(name: string): Promise<boolean>
  /** Loads the page again. The heading is empty before the first scan. */
  look(): Promise<{ readonly heading: string; readonly code: string | null }>
}

export function visitorsPhone(shown: () => string | null): VisitorsPhone {
  const browser = new FormBrowser()
  return {
    async ring(name) {
      const address = shown()
      if (address === null) return false
      await browser.open(address)
      if (!browser.text.includes('<form')) return false
      await browser.submit({ name })
      return true
    },
    async look() {
      if (browser.url !== '') await browser.open(browser.url)
      const heading = /<h1[^>]*>([^<]*)/.exec(browser.text)?.[1] ?? ''
      const shown = /class="code">([^<]*)/.exec(browser.text)?.[1] ?? ''
      return { heading, code: codeIn(shown) }
    },
  }
}
