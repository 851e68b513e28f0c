/** The pages in Firefox: every one that a link leads to, and the main paths by hand. */
import { readFileSync } from 'node:fs'
import { createRequire } from 'node:module'
import type { Browser, Page } from 'puppeteer-core'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { consoleWords } from '../../../cloud/translations/console/words.ts'
import { type ConsoleHome, consoleHome } from '../../support/cloud/console-home.ts'
import { addCodes, addPeople } from '../../support/cloud/console-people.ts'
import { strangerRings } from '../../support/cloud/web-home.ts'
import { accepted, type ScriptedDoor, scriptedDoor } from '../../support/door/scripted-door.ts'
import { isProof } from '../../support/effort.ts'
import { missingForFirefox, startFirefox } from './firefox.ts'

const axe = readFileSync(createRequire(import.meta.url).resolve('axe-core/axe.min.js'), 'utf8')
const words = consoleWords.en

let browser: Browser
let home: ConsoleHome
let door: ScriptedDoor
let page: Page
const complaints: string[] = []

async function newPage(): Promise<Page> {
  const made = await browser.newPage()
  made.on('pageerror', (error) => {
    if (!String(error).includes('JavaScript eval')) complaints.push(String(error))
  })
  made.on('console', (message) => {
    const text = message.text()
    // The test's own tools try `eval`; our pages have none.
    if (text.includes('Content-Security-Policy') && !text.includes('JavaScript eval')) {
      complaints.push(text)
    }
  })
  return made
}

/** Presses what leads to another page. */
const follow = (selector: string) => Promise.all([page.waitForNavigation(), page.click(selector)])

/** What axe finds, and whether the page scrolls to the side. */
async function faults(): Promise<readonly string[]> {
  await page.evaluate(axe)
  const found = await page.evaluate(`(async () => {
    const { violations } = await axe.run(document, { resultTypes: ['violations'] })
    const wide = document.documentElement.scrollWidth > innerWidth ? ['scrolls sideways'] : []
    return [...violations.map(({ id, nodes }) => id + ' ' + nodes.map(({ html }) => html)), ...wide]
  })()`)
  return Array.isArray(found) ? found.map(String) : ['no answer']
}

describe.runIf(isProof && missingForFirefox().length === 0)('in Firefox', () => {
  beforeAll(async () => {
    ;[browser, home, door] = await Promise.all([startFirefox(), consoleHome(), scriptedDoor()])
    await home.cloud.says({
      ...{ type: 'door-state', lock: 'locked', contact: 'closed', pausedForMs: 0 },
      ...{ visitId: null, settingsRevision: 1 },
    })
    await addPeople(home)
    await addCodes(home)
    for (const { name, value } of await home.cookiesOf('owner')) {
      const place = {
        domain: new URL(home.origin).hostname,
        path: '/',
        secure: true,
        httpOnly: true,
      }
      await browser.setCookie({ name, value, ...place, sameSite: 'Lax' })
    }
    page = await newPage()
  })
  afterAll(async () => {
    await browser.close()
    await home.close()
    await door.stop()
  })

  test('every page that a link of the console leads to is sound', async () => {
    const seen = new Set<string>()
    const left = ['/']
    for (let path = left.shift(); path !== undefined && seen.size < 60; path = left.shift()) {
      await page.goto(`${home.origin}${path}`)
      // Cognito's own page.
      if (!page.url().startsWith(home.origin)) continue
      expect([path, await page.$$eval('h1', (all) => all.length)]).toEqual([path, 1])
      expect([path, await faults()]).toEqual([path, []])
      const found = await page.$$eval('a[href^="/"]', (all) =>
        all.filter((one) => !one.hasAttribute('download')).map((one) => one.getAttribute('href')),
      )
      for (const link of found) {
        const next = (link ?? '').split(/[?#]/)[0] ?? ''
        if (seen.has(next) || next.endsWith('.csv') || next.startsWith('/sign')) continue
        seen.add(next)
        left.push(link ?? '')
      }
    }
    expect(seen.size).toBeGreaterThan(20)
    expect(complaints).toEqual([])
  })

  test('an owner lets a stranger in: name, number, and the code is on its way', async () => {
    await strangerRings(home, { name: 'noor', visitNumber: 9 })
    await page.goto(home.origin)
    await follow('.waiting a')
    await page.type('input[name=name]', 'Noor Beispiel')
    await page.type('input[name=phone]', '+4915112345678')
    await follow('button[form=let-in]')
    expect(await page.$eval('main', (main) => main.textContent)).toContain(words.request.undo)
    expect(home.cloud.told.map(({ body }) => body.type)).toContain('grant')
  })

  test('a member unlocks, and reads what the door did', async () => {
    await page.goto(home.origin)
    await page.click('summary')
    await follow('form[action$="/unlock"] button')
    const body = home.cloud.told.at(-1)?.body
    const commandId = body && 'nonce' in body ? body.nonce : null
    await home.cloud.says({
      ...{ type: 'unlock-accepted', origin: 'cloud', by: 'owner', commandId },
      ...{ visitId: null, holdMs: 5_000 },
    })
    await page.waitForSelector('::-p-text(Front door is unlocked)')
  })

  test('a visitor types the code at the keypad and is greeted', async () => {
    page = await newPage()
    door.answer(async () => accepted)
    await page.goto(door.url)
    await page.waitForSelector('html[data-scene="idle"]')
    expect(await faults()).toEqual([])
    for (const digit of '13579024') await page.keyboard.press(digit as '1')
    await page.keyboard.press('Enter')
    await page.waitForSelector('html[data-scene="greeted"]')
    expect(complaints).toEqual([])
  })
})
