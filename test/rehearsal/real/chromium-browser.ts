/** A person with Debian's Chromium. */
import type { BrowserContext, Page } from 'playwright-core'
import { translations } from '../../../cloud/translations/translations.ts'
import type { OwnersAnswer } from '../../../simulation/cloud/answer-mail.ts'
import { type Browser, newPassword } from '../stage.ts'

export function chromiumBrowser(context: BrowserContext, origin: string): Browser {
  const headers = { origin, 'sec-fetch-site': 'same-origin' }
  return {
    async signIn(email, password) {
      const page = await context.newPage()
      await page.goto(origin)
      await page.getByRole('link', { name: 'Sign in' }).click()
      await page.getByLabel('Email').fill(email)
      await page.getByLabel('Password').fill(password)
      await page.getByRole('button', { name: 'Sign in' }).click()
      await page.getByLabel('New password', { exact: true }).fill(newPassword)
      await page.getByLabel('again').fill(newPassword)
      await page.getByRole('button', { name: 'Change password' }).click()
      await page.waitForURL(`${origin}/`)
      return page.innerText('body')
    },
    async get(path) {
      const response = await context.request.get(`${origin}${path}`)
      return { status: response.status(), text: await response.text() }
    },
    async post(path) {
      const response = await context.request.post(`${origin}${path}`, { headers })
      return { status: response.status(), text: await response.text() }
    },
    async answer({ subject, text }, answer) {
      const page = await context.newPage()
      await page.goto(/https?:\/\/\S+/.exec(text)?.[0] ?? '')
      await page.getByLabel('Visit number').fill(/\b(\d{1,3})\b/.exec(subject)?.[1] ?? '')
      await decide(page, answer)
      const heading = await page.getByRole('heading', { level: 1 }).innerText()
      await page.close()
      return heading
    },
  }
}

const words = translations.en.approvalPage

async function decide(page: Page, answer: OwnersAnswer): Promise<void> {
  const { decision, name = '', phone = '', blockFace = false } = answer
  if (decision === 'allow') {
    await page.getByLabel('Name').fill(name)
    await page.getByLabel('Phone').fill(phone)
    await page.getByText(words.more).click()
    await page.getByLabel(words.remember).check()
  } else if (blockFace) await page.getByLabel(words.block).check()
  const button = page.getByRole('button', { name: decision === 'allow' ? words.allow : words.deny })
  await button.click()
  await button.waitFor({ state: 'hidden' })
}
