/** A person with a browser that shows nothing. */
import { answerMail } from '../../../simulation/cloud/answer-mail.ts'
import { FormBrowser } from '../../../simulation/cloud/form-browser.ts'
import { type Browser, newPassword, RehearsalFailed } from '../stage.ts'

export function formBrowser(origin: string): Browser {
  const browser = new FormBrowser()
  const ask = async (path: string, init: RequestInit = {}) => {
    const response = await browser.fetch(`${origin}${path}`, init)
    return { status: response.status, text: await response.text() }
  }
  return {
    async signIn(email, password) {
      await browser.open(`${origin}/`)
      if (!browser.text.includes('href="/sign-in"')) throw stopped(browser)
      await browser.open(`${origin}/sign-in`)
      for (const fields of [
        { username: email, password },
        { new_password: newPassword, confirm_password: newPassword },
      ]) {
        if (!browser.text.includes('<form')) throw stopped(browser)
        await browser.submit(fields)
      }
      return wordsIn(browser.text)
    },
    get: (path) => ask(path),
    post: (path) =>
      ask(path, { method: 'POST', headers: { origin, 'sec-fetch-site': 'same-origin' } }),
    async answer(mail, answer) {
      const { status, heading } = await answerMail(mail, answer)
      return status === 200 ? heading : `${status} ${heading}`
    },
  }
}

const stopped = ({ url, status, text }: FormBrowser) =>
  new RehearsalFailed(`${url} answers ${status}: ${wordsIn(text)}`)

const wordsIn = (page: string): string =>
  page
    .replace(/<(style|script|title)[\s\S]*?<\/\1>/g, ' ')
    .replace(/<[^>]*>/g, ' ')
    .replace(/\s+/g, ' ')
    .trim()
