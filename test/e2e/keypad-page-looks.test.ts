/** How the keypad page looks: every scene on many screens, in every language, light and dark. */
import { mkdirSync } from 'node:fs'
import { createRequire } from 'node:module'
import { join } from 'node:path'
import type { Page } from 'playwright-core'
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest'
import { type Translation, translations } from '../../keypad-ui/translations/translations.ts'
import { type Language, languages } from '../../protocol/messages/shared.ts'
import {
  keypadStage,
  type Stage,
  type StagedScene,
  sceneIs,
  showScene,
  stagedScenes,
} from '../support/door/keypad-stage.ts'
import { isProof } from '../support/effort.ts'

/** The tightest of each shape. `npm run proof` looks at more screens, and at every language. */
const quickScreens = [
  [480, 320],
  [320, 480],
] as const
const otherScreens = [
  [800, 480],
  [1080, 1920],
  [320, 240],
  [320, 256],
  [480, 272],
  [320, 568],
  [568, 320],
  [480, 800],
  [640, 480],
] as const
/** With room for the longest words, so two languages suffice. */
const roomyScreens = [
  [720, 720],
  [768, 1024],
  [1024, 600],
  [1920, 1080],
] as const

function screensFor(language: Language) {
  if (!isProof) return quickScreens
  const isCommon = language === 'en' || language === 'de'
  return [...quickScreens, ...otherScreens, ...(isCommon ? roomyScreens : [])]
}
/** German has the longest words. */
const shownLanguages = isProof ? languages : (['de'] as const)

/** One scene of each colour scheme and layout. */
const checkedScenes = isProof
  ? stagedScenes
  : (['waiting', 'typing', 'greeted', 'paused'] satisfies StagedScene[])

/** The least sizes. On low screens, languages are two letters side by side. */
function leastPx(width: number, height: number) {
  if (height < 300) return { key: 48, otherWidth: 32, otherHeight: 40 }
  if (height <= 430) return { key: 64, otherWidth: 48, otherHeight: 48 }
  if (width < height && height <= 540) return { key: 56, otherWidth: 48, otherHeight: 48 }
  return { key: 64, otherWidth: 64, otherHeight: 64 }
}

/** Counts animations, because one may be over before the test looks. */
const motionCounter = `
  globalThis.motions = 0
  const animate = Element.prototype.animate
  Element.prototype.animate = function (...how) {
    globalThis.motions += 1
    return animate.apply(this, how)
  }`
const axePath = createRequire(import.meta.url).resolve('axe-core/axe.min.js')

let stage: Stage
let page: Page
beforeAll(async () => {
  stage = await keypadStage()
  page = await stage.open({ prelude: motionCounter, preludePath: axePath })
})
beforeEach(async () => {
  await page.setViewportSize({ width: 800, height: 480 })
  await page.emulateMedia({ colorScheme: 'light', reducedMotion: 'reduce', forcedColors: 'none' })
})
afterAll(async () => {
  expect(stage.complaints).toEqual([])
  await stage.close()
})

describe.each(shownLanguages)('in language %s', (language) => {
  it.each(stagedScenes)('“%s” shows its sentence and fits every screen', async (scene) => {
    await showScene(page, stage.door, scene, language)
    expect(await page.locator('html').getAttribute('lang')).toBe(language)
    expect(await page.locator('#sentence').textContent()).toBe(
      sentenceOf(scene, translations[language]),
    )
    for (const [width, height] of screensFor(language)) {
      await page.setViewportSize({ width, height })
      const faults = faultsIn(await look(page), width, height)
      expect({ width, height, ...faults }).toEqual({ width, height, ...faultless })
      if (language === shownLanguages[0]) await takePicture(page, `${width}x${height}-${scene}-day`)
    }
  })
})

it('underlines the chosen language on a low panel too, where it has two letters', async () => {
  await showScene(page, stage.door, 'waiting', 'de')
  await page.setViewportSize({ width: 480, height: 320 })
  const lines = await page.locator('#languages button').evaluateAll((buttons) =>
    buttons.map((button) => {
      const style = button.ownerDocument.defaultView.getComputedStyle(button, '::before')
      return `${style.content.slice(1, 3)} ${style.textDecorationLine}`
    }),
  )
  expect(lines).toEqual(['en none', 'de underline', 'es none', 'fr none'])
})

function sentenceOf(scene: StagedScene, words: Translation): string {
  const sentences: Readonly<Record<StagedScene, string>> = {
    idle: words.idle,
    here: words.here,
    waiting: words.waiting,
    sent: words.sent,
    'no-answer': words.noAnswer,
    refused: words.refused,
    offline: words.offline,
    typing: words.typing.replace('{digits}', '8'),
    complete: words.complete.replace('{confirm}', words.confirm),
    greeted: words.welcome.replace('{name}', 'Mira Feldmann'),
    open: words.open,
    denied: words.denied,
    'not-opened': words.notOpened,
    fault: words.fault,
    paused: words.paused,
    'clock-unknown': words.clockUnknown,
    private: words.private,
    shut: words.shut,
    'out-of-order': words.outOfOrder,
  }
  return sentences[scene]
}

interface Box {
  readonly name: string
  readonly isButton: boolean
  readonly isKey: boolean
  readonly left: number
  readonly top: number
  readonly right: number
  readonly bottom: number
  /** Whether its content stays inside. */
  readonly holdsContent: boolean
}

interface Looks {
  readonly boxes: readonly Box[]
  readonly fontSizes: readonly string[]
  readonly sentence: { readonly ink: string; readonly ground: string }
  readonly widthPx: number
  readonly heightPx: number
}

const parts =
  'button, #door-name, #sentence, #detail, #scan-code, #scan-label, #countdown-time, #visit, #visit-detail, #dots'

/** What is visible, as the browser laid it out. */
const look = (page: Page): Promise<Looks> =>
  page.locator('html').evaluate((root, selector) => {
    const { ownerDocument: document } = root
    const { defaultView: window } = document
    const visible = [...root.querySelectorAll(selector)].filter((part) => {
      const { width, height } = part.getBoundingClientRect()
      return (
        width > 1 &&
        height > 1 &&
        (part.textContent !== '' || ['dots', 'scan-code'].includes(part.id))
      )
    })
    const boxes = visible.map((part) => {
      const { left, top, right, bottom } = part.getBoundingClientRect()
      const range = document.createRange()
      range.selectNodeContents(part)
      const content = range.getBoundingClientRect()
      const holdsContent =
        part.tagName === 'IMG' ||
        (content.left >= left - 1 &&
          content.right <= right + 1 &&
          content.top >= top - 4 &&
          content.bottom <= bottom + 4)
      const name = part.id || part.textContent
      const isButton = part.tagName === 'BUTTON'
      const isKey = part.parentElement?.id === 'keys'
      return { name, isButton, isKey, left, top, right, bottom, holdsContent }
    })
    const { color: ink } = window.getComputedStyle(document.getElementById('sentence'))
    const { backgroundColor: ground } = window.getComputedStyle(document.body)
    return {
      boxes,
      fontSizes: [...new Set(visible.map((part) => window.getComputedStyle(part).fontSize))].filter(
        (size) => size !== '0px',
      ),
      sentence: { ink, ground },
      widthPx: root.scrollWidth,
      heightPx: root.scrollHeight,
    }
  }, parts)

const faultless = {
  scrolls: false,
  outside: [],
  small: [],
  spilling: [],
  overlapping: [],
  fonts: 2,
}

function faultsIn({ boxes, fontSizes, widthPx, heightPx }: Looks, width: number, height: number) {
  const isOutside = ({ left, top, right, bottom }: Box) =>
    left < 0 || top < 0 || right > width || bottom > height
  const { key, otherWidth, otherHeight } = leastPx(width, height)
  const isSmall = ({ isButton, isKey, left, top, right, bottom }: Box) =>
    isButton &&
    (right - left < (isKey ? key : otherWidth) || bottom - top < (isKey ? key : otherHeight))
  const pairs = boxes.flatMap((one, at) =>
    boxes.slice(at + 1).map((other) => [one, other] as const),
  )
  return {
    scrolls: widthPx > width || heightPx > height,
    outside: namesOf(boxes.filter(isOutside)),
    small: namesOf(boxes.filter(isSmall)),
    spilling: namesOf(boxes.filter(({ holdsContent }) => !holdsContent)),
    overlapping: pairs.filter(overlap).map(namesOf),
    fonts: fontSizes.length,
  }
}

const namesOf = (boxes: readonly Box[]) => boxes.map(({ name }) => name)

const overlap = ([a, b]: readonly [Box, Box]): boolean =>
  a.left < b.right - 0.5 &&
  b.left < a.right - 0.5 &&
  a.top < b.bottom - 0.5 &&
  b.top < a.bottom - 0.5

// ---------------------------------------------------------------- colours and access

interface AxeRule {
  readonly id: string
  readonly nodes: readonly { readonly html: string; readonly failureSummary?: string }[]
}

const axeRun = (page: Page) =>
  page.evaluate<{
    readonly violations: readonly AxeRule[]
    readonly incomplete: readonly AxeRule[]
  }>('axe.run(document, { resultTypes: ["violations", "incomplete"] })')

const gist = (rules: readonly AxeRule[]) =>
  rules.map(({ id, nodes }) => [
    id,
    nodes.map(({ html, failureSummary }) => [html, failureSummary]),
  ])

describe.each(['light', 'dark'] as const)('in %s colours', (colorScheme) => {
  it('axe finds nothing, and the sentence has a contrast of at least 7', async () => {
    await page.emulateMedia({ colorScheme })
    const check = async (scene: string) => {
      const { violations, incomplete } = await axeRun(page)
      expect([scene, gist(violations), gist(incomplete)]).toEqual([scene, [], []])
      const { sentence } = await look(page)
      expect([scene, contrast(sentence.ink, sentence.ground)]).toEqual([
        scene,
        expect.toSatisfy((ratio) => ratio >= 7),
      ])
    }
    for (const scene of checkedScenes) {
      await showScene(page, stage.door, scene)
      await check(scene)
      if (colorScheme === 'dark') await takePicture(page, `800x480-${scene}-night`)
    }
    await showScene(page, stage.door, 'idle')
    await stage.door.stop()
    await sceneIs(page, 'starting-again')
    await check('starting-again')
    await stage.door.start()
    await sceneIs(page, 'idle')
  })
})

function contrast(one: string, other: string): number {
  const [darker = 0, lighter = 0] = [luminance(one), luminance(other)].toSorted((a, b) => a - b)
  return (lighter + 0.05) / (darker + 0.05)
}

/** As WCAG 2 defines it. */
function luminance(colour: string): number {
  const [red = 0, green = 0, blue = 0] = (colour.match(/[\d.]+/g) ?? []).map((text) => {
    const part = Number(text) / 255
    return part <= 0.04045 ? part / 12.92 : ((part + 0.055) / 1.055) ** 2.4
  })
  return 0.2126 * red + 0.7152 * green + 0.0722 * blue
}

describe('day and night', () => {
  const light = (page: Page) => page.locator('html').getAttribute('data-light')
  const ground = async (page: Page) => luminance((await look(page)).sentence.ground)

  it('follow the hour when the browser has no preference', async () => {
    await stage.refresh(page)
    expect([await light(page), await ground(page)]).toEqual([
      'day',
      expect.toSatisfy((y) => y > 0.8),
    ])
    await page.clock.setFixedTime(new Date(2026, 2, 3, 23))
    await page.reload()
    await sceneIs(page, 'idle')
    expect([await light(page), await ground(page)]).toEqual([
      'night',
      expect.toSatisfy((y) => y < 0.01),
    ])
  })

  it('follow a change of the browser’s preference at once', async () => {
    await stage.refresh(page)
    await page.emulateMedia({ colorScheme: 'dark' })
    await expect.poll(() => light(page)).toBe('night')
  })

  it('keep the dots distinguishable in forced colours', async () => {
    await page.emulateMedia({ forcedColors: 'active' })
    await showScene(page, stage.door, 'typing')
    const borders = await page
      .locator('#dots i')
      .evaluateAll((dots) =>
        dots.map((dot) => dot.computedStyleMap().get('border-top-width').value),
      )
    expect(new Set(borders.slice(0, 3)).size).toBe(1)
    expect(borders[0]).toBeGreaterThan(borders[3] * 2)
  })
})

describe('motion', () => {
  const scenes: readonly StagedScene[] = ['here', 'typing', 'denied', 'greeted']

  it.each([
    ['no-preference', (motions: number) => motions > 0],
    ['reduce', (motions: number) => motions === 0],
  ] as const)('with %s', async (reducedMotion, isRight) => {
    await page.emulateMedia({ reducedMotion })
    await stage.refresh(page)
    for (const scene of scenes) await showScene(page, stage.door, scene)
    expect(await page.evaluate<number>('globalThis.motions')).toSatisfy(isRight)
    const running = await page.evaluate<number>('document.getAnimations().length')
    if (reducedMotion === 'reduce') expect(running).toBe(0)
  })
})

it('shows a long name whole, and a right-to-left name in order', async () => {
  const [width, height] = [320, 568]
  await page.setViewportSize({ width, height })
  const names = ['Maximiliane-Friederike '.repeat(5).trim(), 'W'.repeat(120), 'שרה לוי']
  for (const visitorName of names) {
    await showScene(page, stage.door, 'idle')
    stage.door.answer(async () => ({
      outcome: 'accepted',
      visitorName,
      language: 'en',
      unlockedForMs: 5_000,
    }))
    await page.keyboard.type('12345678')
    await page.keyboard.press('Enter')
    await sceneIs(page, 'greeted')
    expect(await page.locator('#sentence').textContent()).toBe(`Welcome, ${visitorName}!`)
    expect(await page.locator('#sentence bdi').textContent()).toBe(visitorName)
    expect(faultsIn(await look(page), width, height)).toEqual(faultless)
    stage.door.say({ lock: 'unlocked' })
    await sceneIs(page, 'greeted')
  }
})

async function takePicture(page: Page, name: string): Promise<void> {
  const folder = process.env['SCREENSHOTS']
  if (folder === undefined || folder === '') return
  mkdirSync(folder, { recursive: true })
  await page.screenshot({ path: join(folder, `${name}.png`) })
}
