/** The options of the keypad page in a real browser: places of digits, held keys, speech. */
import { mkdirSync } from 'node:fs'
import { createRequire } from 'node:module'
import { join } from 'node:path'
import type { Page } from 'playwright-core'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { usualOrder } from '../../keypad-ui/shuffle.ts'
import { translations } from '../../keypad-ui/translations/translations.ts'
import type { KeypadOptions } from '../../protocol/keypad-api.ts'
import { keypadStage, type Stage, sceneIs, typeCode } from '../support/door/keypad-stage.ts'
import { accepted } from '../support/door/scripted-door.ts'
import { denied, idleState } from '../support/door/stub-door.ts'

const axePath = createRequire(import.meta.url).resolve('axe-core/axe.min.js')
const { en, de } = translations

/** Notes what is said, with voices for two languages. */
const voices = `
  globalThis.spoken = []
  Object.defineProperty(globalThis, 'speechSynthesis', { value: {
    getVoices: () => ['de-DE', 'en-GB'].map((lang) => ({ lang })),
    speak: ({ text, lang }) => globalThis.spoken.push(lang + ': ' + text),
    cancel: () => {},
  } })
  globalThis.SpeechSynthesisUtterance = class { constructor(text) { this.text = text } }`

let stage: Stage
let page: Page
beforeAll(async () => {
  stage = await keypadStage()
  page = await stage.open({ hasTouch: true, prelude: voices, preludePath: axePath })
})
afterAll(async () => {
  expect(stage.complaints).toEqual([])
  await stage.close()
})

async function offer(options: Partial<KeypadOptions>): Promise<void> {
  await stage.refresh(page)
  stage.door.say({ ...idleState, options: { ...idleState.options, ...options } })
}

const key = (digit: string) => page.getByRole('button', { name: digit, exact: true })
const typed = () => page.locator('#dots').getAttribute('aria-label')

async function expectAxeClean(): Promise<void> {
  const violations = await page.evaluate<string[]>(
    `axe.run(document).then(({ violations }) => violations.map(({ id, nodes }) => id + ' ' + nodes[0].html))`,
  )
  expect(violations).toEqual([])
}

async function takePictures(name: string): Promise<void> {
  const folder = process.env['SCREENSHOTS']
  if (folder === undefined || folder === '') return
  mkdirSync(folder, { recursive: true })
  for (const colorScheme of ['light', 'dark'] as const) {
    await page.emulateMedia({ colorScheme })
    for (const [width, height] of [
      [800, 480],
      [1024, 600],
      [390, 844],
    ] as const) {
      await page.setViewportSize({ width, height })
      await page.screenshot({ path: join(folder, `${name}-${width}x${height}-${colorScheme}.png`) })
    }
  }
  await page.emulateMedia({ colorScheme: 'light' })
  await page.setViewportSize({ width: 800, height: 480 })
}

describe('shuffled digits', () => {
  /** As the eye finds them, from the top left. */
  const places = async (): Promise<string> => {
    const found = await page.locator('#keys [data-digit]').evaluateAll((keys) =>
      keys.map((one) => {
        const { left, top } = one.getBoundingClientRect()
        return { digit: one.textContent, left, top }
      }),
    )
    return found
      .sort((a, b) => a.top - b.top || a.left - b.left)
      .map(({ digit }) => digit)
      .join('')
  }

  it('have other places with each visit, and the same order for screen readers', async () => {
    await offer({ shuffle: true })
    const seen = new Set<string>()
    for (const number of [1, 2, 3, 4]) {
      stage.door.say({ visit: { number, status: 'code-sent' } })
      await expect.poll(async () => seen.has(await places())).toBe(false)
      seen.add(await places())
    }
    expect(seen.size).toBe(4)
    for (const order of seen) expect([...order].sort().join('')).toBe('0123456789')
    const outline = await page.locator('#keys').ariaSnapshot()
    expect(outline.match(/"\d"/g)?.join('').replaceAll('"', '')).toBe(usualOrder)
    await expectAxeClean()
    await takePictures('shuffle')
  })

  it('are typed where they are seen, and on a keyboard as ever', async () => {
    await offer({ shuffle: true })
    stage.door.answer(async () => denied)
    const before = stage.door.codes.length
    for (const digit of '13579024') await key(digit).tap()
    await page.locator('#confirm').tap()
    await sceneIs(page, 'denied')
    const after = await places()
    await typeCode(page, '24680135')
    expect(await places()).toBe(after)
    await page.keyboard.press('Enter')
    await expect.poll(() => stage.door.codes.slice(before)).toEqual(['13579024', '24680135'])
    await expect.poll(places).not.toBe(after)
  })
})

describe('keys that must be held', () => {
  const touch = async (digit: string) => {
    const box = await key(digit).boundingBox()
    if (!box) throw new Error('The key is not shown.')
    await page.mouse.move(box.x + box.width / 2, box.y + box.height / 2)
    await page.mouse.down()
  }
  const hold = (digit: string) => key(digit).getAttribute('data-hold')

  it('do not count when touched in passing, and count once however long they are held', async () => {
    await offer({ longPress: true })
    await page.getByText(en.hold).waitFor()
    await key('7').tap()
    await touch('7')
    await expect.poll(() => hold('7')).toBe('holding')
    expect(await typed()).toBe('0 of 8 digits typed')
    await takePictures('hold')
    await touch('7')
    await expect.poll(() => hold('7')).toBe('counted')
    await page.waitForTimeout(700)
    // The finger trembles off the key, and on it again.
    await page.mouse.move(5, 5)
    await page.mouse.up()
    await touch('7')
    await page.waitForTimeout(700)
    await page.mouse.up()
    expect(await typed()).toBe('1 of 8 digits typed')
    await page.waitForTimeout(350)
    await touch('7')
    await expect.poll(typed).toBe('2 of 8 digits typed')
    await page.mouse.up()
    expect(await hold('7')).toBe(null)
    await expectAxeClean()
  })

  it('leave keyboards and screen readers as they are', async () => {
    await offer({ longPress: true })
    await page.keyboard.press('1')
    await key('2').evaluate((button) => button.click())
    await expect.poll(typed).toBe('2 of 8 digits typed')
  })
})

describe('speech', () => {
  const spoken = () => page.evaluate<string[]>('globalThis.spoken')

  it('says what the screen says, once, in the visitor’s language, and no digit', async () => {
    await offer({ speech: true })
    stage.door.answer(async () => ({ ...accepted, language: 'de' }))
    stage.door.say({ visit: { number: 42, status: 'waiting-for-owner' } })
    await sceneIs(page, 'waiting')
    stage.door.say({ pausedForMs: 0 })
    await typeCode(page)
    await page.keyboard.press('Enter')
    await sceneIs(page, 'greeted')
    expect(await spoken()).toEqual([
      `en-GB: ${en.waiting} ${en.waitingDetail}`,
      'en-GB: Now press “Open”.',
      `de-DE: ${de.welcome.replace('{name}', 'Mira Feldmann')} ${de.open}`,
    ])
  })

  it('is silent in a language without a voice, and where it is not wanted', async () => {
    await offer({ speech: true })
    stage.door.say({ language: 'fr', visit: { number: 42, status: 'denied' } })
    await sceneIs(page, 'refused')
    await offer({})
    stage.door.say({ visit: { number: 42, status: 'denied' } })
    await sceneIs(page, 'refused')
    expect(await spoken()).toEqual([])
  })

  it('is no error where the browser has none', async () => {
    const prelude = `Object.defineProperty(globalThis, 'speechSynthesis', { value: undefined })`
    const other = await stage.open({ prelude })
    stage.door.say({
      options: { ...idleState.options, speech: true },
      visit: { number: 42, status: 'denied' },
    })
    await sceneIs(other, 'refused')
    await other.close()
  })
})
