/** A browser in front of a scripted door, and every scene of the keypad page on demand. */
import type { Browser, BrowserContextOptions, Page } from 'playwright-core'
import type { Scene } from '../../../keypad-ui/view.ts'
import type { CodeAnswer } from '../../../protocol/keypad-api.ts'
import type { VisitStatus } from '../../../protocol/messages/cloud.ts'
import type { Language } from '../../../protocol/messages/shared.ts'
import { startBrowser } from '../browser.ts'
import { accepted, type ScriptedDoor, scriptedDoor } from './scripted-door.ts'
import { denied, idleState } from './stub-door.ts'

export interface Stage {
  readonly door: ScriptedDoor
  /** What pages threw or were forbidden to do. */
  readonly complaints: string[]
  open(options?: OpenOptions): Promise<Page>
  /** As good as new, and quicker to have than a new one. */
  refresh(page: Page): Promise<void>
  close(): Promise<void>
}

export interface OpenOptions extends BrowserContextOptions {
  /** Runs in the page before anything of its own. */
  readonly prelude?: string
  readonly preludePath?: string
}

/** Noon, lest tests look different at night. */
const noon = new Date(2026, 2, 3, 12)

export async function keypadStage(): Promise<Stage> {
  const door = await scriptedDoor()
  const browser = await startBrowser()
  const complaints: string[] = []
  return {
    door,
    complaints,
    async open(options = {}) {
      const page = await newPage(browser, options)
      page.on('pageerror', ({ message }) => complaints.push(message))
      page.on('console', (message) => {
        if (message.text().includes('Content Security Policy')) complaints.push(message.text())
      })
      await load(page, door)
      return page
    },
    async refresh(page) {
      await page.unrouteAll()
      await load(page, door)
    },
    async close() {
      await browser.close()
      await door.stop()
    },
  }
}

async function newPage(
  browser: Browser,
  { prelude, preludePath, ...options }: OpenOptions,
): Promise<Page> {
  const context = await browser.newContext({
    viewport: { width: 800, height: 480 },
    reducedMotion: 'reduce',
    ...options,
  })
  const page = await context.newPage()
  if (prelude !== undefined) await page.addInitScript(prelude)
  if (preludePath !== undefined) await page.addInitScript({ path: preludePath })
  return page
}

async function load(page: Page, door: ScriptedDoor): Promise<void> {
  door.say(idleState)
  door.answer(async () => denied)
  await page.clock.setFixedTime(noon)
  await page.goto(door.url)
  await sceneIs(page, 'idle')
}

export const sceneIs = (page: Page, scene: Scene): Promise<void> =>
  page.locator(`html[data-scene="${scene}"]`).waitFor({ state: 'attached' })

export const typeCode = async (page: Page, code = '13579024'): Promise<void> => {
  for (const digit of code) await page.keyboard.press(digit)
}

/** Brings the page from any scene below to the next one. */
export async function showScene(
  page: Page,
  door: ScriptedDoor,
  scene: StagedScene,
  language: Language = 'en',
): Promise<void> {
  await toIdle(page, door, language)
  await stagings[scene](page, door, language)
  await sceneIs(page, scene)
}

async function toIdle(page: Page, door: ScriptedDoor, language: Language): Promise<void> {
  door.say({ ...idleState, doorName: 'Garden Street 7', language })
  await page.locator(`html[data-keypad="on"][lang="${language}"]`).waitFor({ state: 'attached' })
  // A digit wipes away the last answer, and Escape the digit.
  await page.keyboard.press('1')
  await page.keyboard.press('Escape')
  await sceneIs(page, 'idle')
}

type Staging = (page: Page, door: ScriptedDoor, language: Language) => Promise<void>

/** As long as a real one. */
const scan =
  'https://d111111abcdef8.cloudfront.net/ring?maple-street_front.ABEiM0RVZneImaq7zN3u_w.42.ziv3e.97VMSNXMfy9p-HCNgtEiiQ'

const visit =
  (status: 'here' | VisitStatus): Staging =>
  async (_page, door) =>
    door.say({ visit: { number: 888, status }, scan })

const answered =
  (answer: CodeAnswer | null): Staging =>
  async (page, door, language) => {
    door.answer(async () => {
      if (!answer) throw new Error('no room on the disk')
      return 'language' in answer ? { ...answer, language } : answer
    })
    if (answer?.outcome === 'accepted') await visit('code-sent')(page, door, language)
    await typeCode(page)
    await page.keyboard.press('Enter')
    if (answer?.outcome !== 'accepted') return
    await sceneIs(page, 'greeted')
    door.say({ lock: 'unlocked' })
  }

const stagings = {
  idle: async () => {},
  here: visit('here'),
  waiting: visit('waiting-for-owner'),
  sent: visit('code-sent'),
  'no-answer': visit('no-answer'),
  refused: visit('denied'),
  offline: async (_page, door) =>
    door.say({ online: false, visit: { number: 888, status: 'here' } }),
  typing: async (page, door) => {
    door.say({ visit: { number: 888, status: 'code-sent' } })
    await typeCode(page, '135')
  },
  complete: async (page, door) => {
    door.say({ visit: { number: 888, status: 'code-sent' } })
    await typeCode(page)
  },
  greeted: answered(accepted),
  open: async (_page, door) => door.say({ lock: 'unlocked' }),
  denied: answered(denied),
  'not-opened': answered({ outcome: 'not-opened', language: 'en' }),
  fault: answered(null),
  paused: async (_page, door) =>
    door.say({
      keypad: 'paused',
      pausedForMs: 600_000,
      visit: { number: 888, status: 'here' },
    }),
  'clock-unknown': async (_page, door) =>
    door.say({ keypad: 'clock-unknown', visit: { number: 888, status: 'here' } }),
  private: async (_page, door) =>
    door.say({ keypad: 'private', visit: { number: 888, status: 'here' } }),
  shut: async (_page, door) =>
    door.say({ keypad: 'shut', visit: { number: 888, status: 'code-sent' } }),
  'out-of-order': async (_page, door) => door.say({ keypad: 'out-of-order' }),
} as const satisfies Partial<Record<Scene, Staging>>

export type StagedScene = keyof typeof stagings
export const stagedScenes = Object.keys(stagings) as readonly StagedScene[]
