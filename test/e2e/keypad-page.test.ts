/** The keypad page in a real browser. */
import type { Page } from 'playwright-core'
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest'
import { translations } from '../../keypad-ui/translations/translations.ts'
import type { CodeAnswer } from '../../protocol/keypad-api.ts'
import {
  keypadStage,
  type OpenOptions,
  type Stage,
  sceneIs,
  typeCode,
} from '../support/door/keypad-stage.ts'
import { accepted, type ScriptedDoor } from '../support/door/scripted-door.ts'
import { denied } from '../support/door/stub-door.ts'
import { runs } from '../support/effort.ts'

const { en, de, fr } = translations

let stage: Stage
let door: ScriptedDoor
let codesBefore = 0
beforeAll(async () => {
  stage = await keypadStage()
  door = stage.door
})
afterAll(() => stage.close())
beforeEach(() => {
  codesBefore = door.codes.length
})

const newCodes = () => door.codes.slice(codesBefore)
const sentence = (page: Page) => page.locator('#sentence')
const confirm = (page: Page) => page.getByRole('button', { name: en.confirm })
const key = (page: Page, digit: string) => page.getByRole('button', { name: digit, exact: true })
const typedCount = (page: Page) => page.locator('#dots').getAttribute('aria-label')

/** Records all sentences and announcements. */
const recorder = `
  globalThis.sentences = []
  globalThis.announced = []
  const note = (list, text) => { if (text && list.at(-1) !== text) list.push(text) }
  new MutationObserver(() => {
    note(globalThis.sentences, document.getElementById('sentence')?.textContent)
    for (const region of document.querySelectorAll('[role=status]')) {
      note(globalThis.announced, region.innerText.replace(/\\s+/g, ' ').trim())
    }
  }).observe(document, { subtree: true, childList: true, characterData: true })`

/** One page, reloaded for each test that needs no options. */
let usual: Promise<Page> | undefined

async function usualPage(): Promise<Page> {
  if (usual) await stage.refresh(await usual)
  usual ??= stage.open({ hasTouch: true, prelude: recorder })
  return usual
}

function visitor(name: string, visit: (page: Page) => Promise<void>, options?: OpenOptions) {
  it(name, async () => {
    const page = options ? await stage.open(options) : await usualPage()
    await visit(page)
    if (options) await page.context().close()
    expect(stage.complaints.splice(0)).toEqual([])
  })
}

const sentencesOf = (page: Page) => page.evaluate<string[]>('globalThis.sentences')
const announcedOn = (page: Page) => page.evaluate<string[]>('globalThis.announced')

interface Point {
  readonly x: number
  readonly y: number
  readonly id: number
}

describe('by touch', () => {
  visitor(
    'a guest types the code, is greeted by name, and the page is quiet when the door has closed',
    async (page) => {
      door.answer(async () => accepted)
      for (const digit of '13579024') await key(page, digit).tap()
      await sceneIs(page, 'complete')
      await confirm(page).tap()
      await sceneIs(page, 'greeted')
      expect(await sentence(page).textContent()).toBe('Welcome, Mira Feldmann!')
      expect(await page.locator('#keypad').isVisible()).toBe(false)
      door.say({ lock: 'unlocked' })
      door.say({ lock: 'locked' })
      await sceneIs(page, 'idle')
      expect(newCodes()).toEqual(['13579024'])
    },
  )

  visitor('two thumbs that overlap type two digits', async (page) => {
    const session = await page.context().newCDPSession(page)
    const at = async (digit: string) => {
      const box = await key(page, digit).boundingBox()
      return { x: (box?.x ?? 0) + 20, y: (box?.y ?? 0) + 20 }
    }
    const [first, second] = [await at('1'), await at('9')]
    const send = (type: 'touchStart' | 'touchEnd', touchPoints: Point[]) =>
      session.send('Input.dispatchTouchEvent', { type, touchPoints })
    await send('touchStart', [{ ...first, id: 1 }])
    await send('touchStart', [
      { ...first, id: 1 },
      { ...second, id: 2 },
    ])
    await send('touchEnd', [{ ...second, id: 2 }])
    await send('touchEnd', [])
    await expect.poll(() => typedCount(page)).toBe('2 of 8 digits typed')
  })

  visitor(
    'Enter on a keyboard confirms, and does not press the key that was touched last',
    async (page) => {
      for (const digit of '1357902') await key(page, digit).tap()
      await page.keyboard.press('4')
      await page.keyboard.press('Enter')
      await sceneIs(page, 'denied')
      for (const digit of '13579024') await key(page, digit).click()
      await page.keyboard.press('Enter')
      await expect.poll(newCodes).toEqual(['13579024', '13579024'])
    },
  )

  visitor('a digit too many can be deleted, and half a code is not sent', async (page) => {
    for (const digit of '1357') await key(page, digit).click()
    await page.getByRole('button', { name: en.erase }).click()
    expect(await typedCount(page)).toBe('3 of 8 digits typed')
    expect(await confirm(page).getAttribute('aria-disabled')).toBe('true')
    await confirm(page).click({ force: true })
    expect(await sentence(page).textContent()).toBe('Type all 8\u00a0digits of your code.')
    expect(newCodes()).toEqual([])
  })

  visitor('a double tap on the confirm key sends once', async (page) => {
    let reply: ((answer: CodeAnswer) => void) | undefined
    door.answer(
      () =>
        new Promise((resolve) => {
          reply = resolve
        }),
    )
    await typeCode(page)
    await confirm(page).dblclick({ force: true })
    await expect.poll(newCodes).toHaveLength(1)
    await confirm(page).dblclick({ force: true })
    reply?.(denied)
    await sceneIs(page, 'denied')
    await confirm(page).dblclick({ force: true })
    expect(newCodes()).toHaveLength(1)
  })
})

describe('by keyboard', () => {
  visitor('digits, Backspace, Escape and Enter work', async (page) => {
    await typeCode(page, '12')
    await page.keyboard.press('Backspace')
    expect(await typedCount(page)).toBe('1 of 8 digits typed')
    await page.keyboard.press('Escape')
    expect(await typedCount(page)).toBe('0 of 8 digits typed')
    await typeCode(page, '24680213')
    await page.keyboard.press('Enter')
    await expect.poll(newCodes).toEqual(['24680213'])
  })

  visitor('a number pad works, with Num Lock on or off', async (page) => {
    for (const digit of '15924') await page.keyboard.press(`Numpad${digit}`)
    const withoutNumLock = [
      ['Numpad7', 'Home', 36],
      ['Numpad5', 'Clear', 12],
      ['Numpad3', 'PageDown', 34],
    ] as const
    const session = await page.context().newCDPSession(page)
    for (const [code, name, number] of withoutNumLock) {
      const event = { code, key: name, windowsVirtualKeyCode: number, isKeypad: true }
      await session.send('Input.dispatchKeyEvent', { type: 'rawKeyDown', ...event })
      await session.send('Input.dispatchKeyEvent', { type: 'keyUp', ...event })
    }
    await page.keyboard.press('NumpadEnter')
    await expect.poll(newCodes).toEqual(['15924753'])
  })

  visitor('everything can be reached with Tab, and the focus is visible', async (page) => {
    const reached: string[] = []
    for (let presses = 0; presses < 20; presses += 1) {
      await page.keyboard.press('Tab')
      const focus = page.locator(':focus')
      if ((await focus.count()) === 0) break
      reached.push((await focus.innerText()).trim())
      const outline = await focus.evaluate((element) => {
        const { outlineStyle, outlineWidth } =
          element.ownerDocument.defaultView.getComputedStyle(element)
        return `${outlineStyle} ${outlineWidth}`
      })
      expect(outline).toBe('solid 3px')
    }
    const languages = ['English', 'Deutsch', 'Español', 'Français']
    const digits = ['1', '2', '3', '4', '5', '6', '7', '8', '9']
    expect(reached).toEqual([...digits, en.erase, '0', en.confirm, en.bell, ...languages])
  })

  visitor('Tab and the space bar suffice to enter a code', async (page) => {
    door.answer(async () => accepted)
    const pressed = async (name: string) => {
      const focused = () => page.locator(':focus').innerText()
      do await page.keyboard.press('Tab')
      while ((await focused()).trim() !== name)
      await page.keyboard.press('Space')
    }
    for (const digit of '12345678') await pressed(digit)
    await pressed(en.confirm)
    await sceneIs(page, 'greeted')
    expect(newCodes()).toEqual(['12345678'])
  })

  visitor('keys held down and shortcuts of the browser type nothing', async (page) => {
    await page.keyboard.down('1')
    await page.keyboard.down('1')
    await page.keyboard.down('1')
    await page.keyboard.up('1')
    await page.keyboard.press('Control+0')
    await page.keyboard.press('a')
    expect(await typedCount(page)).toBe('1 of 8 digits typed')
  })
})

describe('with a screen reader', () => {
  visitor(
    'a screen reader finds names and roles, and hears counts instead of digits',
    async (page) => {
      door.answer(async () => accepted)
      door.say({ visit: { number: 42, status: 'code-sent' } })
      await sceneIs(page, 'sent')
      const outline = await page.locator('body').ariaSnapshot()
      for (const line of [
        'heading "Front door" [level=1]',
        'region "Keypad"',
        'img "0 of 8 digits typed"',
        'button "7"',
        `button "${en.erase}"`,
        `button "${en.confirm}" [disabled]`,
        `button "${en.bell}"`,
        'contentinfo "Language"',
        'button "English" [pressed]',
        'button "Deutsch"',
      ]) {
        expect(outline).toContain(`- ${line}`)
      }
      expect(outline).toContain('Your number 42')

      // As assistive technology presses a button: without a pointer, without a key.
      for (const digit of '97531024') await key(page, digit).evaluate((button) => button.click())
      await confirm(page).evaluate((button) => button.click())
      await sceneIs(page, 'greeted')

      const announced = await announcedOn(page)
      expect(announced).toEqual(
        expect.arrayContaining([
          `${en.sent} ${en.sentDetail}`,
          '1 of 8 digits typed',
          'Type all 8 digits of your code.',
          '8 of 8 digits typed',
          'Now press “Open”.',
          `Welcome, Mira Feldmann! ${en.open}`,
        ]),
      )
      expect(announced.join()).not.toMatch(/97531024|9, 7/)
      expect(newCodes()).toEqual(['97531024'])
    },
  )

  const listener = `
    globalThis.notes = []
    globalThis.OscillatorNode = class extends OscillatorNode {
      constructor(audio, options) {
        super(audio, options)
        globalThis.notes.push(options.frequency)
      }
    }`
  const notes = (page: Page) => page.evaluate<number[]>('globalThis.notes')

  visitor(
    'a sound plays when the lock opens and closes, after the first touch',
    async (page) => {
      door.say({ lock: 'unlocked' })
      await sceneIs(page, 'open')
      door.say({ lock: 'locked' })
      await sceneIs(page, 'idle')
      expect(await notes(page)).toEqual([])

      door.answer(async () => accepted)
      await typeCode(page)
      await page.keyboard.press('Enter')
      await sceneIs(page, 'greeted')
      door.say({ lock: 'unlocked' })
      await expect.poll(() => notes(page)).toEqual([523.25, 783.99])
      door.say({ lock: 'locked' })
      await expect.poll(() => notes(page)).toEqual([523.25, 783.99, 392])
    },
    { prelude: listener },
  )

  visitor(
    'a browser without sound is missing nothing else',
    async (page) => {
      door.answer(async () => accepted)
      await typeCode(page)
      await page.keyboard.press('Enter')
      door.say({ lock: 'unlocked' })
      await sceneIs(page, 'greeted')
    },
    { prelude: 'delete globalThis.AudioContext' },
  )
})

describe('when the code does not open the door', () => {
  visitor('the page says so politely, and the visitor may try again', async (page) => {
    await typeCode(page)
    await page.keyboard.press('Enter')
    await sceneIs(page, 'denied')
    expect(await sentence(page).textContent()).toMatch(/permission denied/i)
    expect(await typedCount(page)).toBe('0 of 8 digits typed')
    await typeCode(page, '1')
    await sceneIs(page, 'typing')
  })

  visitor('a pause is counted down, even if the clock changes', async (page) => {
    door.answer(async () => ({ outcome: 'denied', pausedForMs: 2_500 }))
    await typeCode(page)
    await page.keyboard.press('Enter')
    door.say({ keypad: 'paused', pausedForMs: 2_500 })
    await sceneIs(page, 'denied')
    expect(await page.locator('#keypad').isVisible()).toBe(false)
    await page.clock.setFixedTime(new Date(2031, 0, 1))
    await page.reload()
    await sceneIs(page, 'paused')
    await expect.poll(() => page.getByRole('timer').textContent()).toMatch(/0:02/)
    await page.clock.setFixedTime(new Date(2019, 0, 1))
    await expect.poll(() => page.getByRole('timer').textContent()).toMatch(/0:01/)
    await sceneIs(page, 'idle')
  })

  visitor('nothing typed during a pause is ever sent', async (page) => {
    door.say({ keypad: 'paused', pausedForMs: 60_000 })
    await sceneIs(page, 'paused')
    await typeCode(page)
    await page.keyboard.press('Enter')
    door.say({ keypad: 'ready', pausedForMs: 0 })
    await sceneIs(page, 'idle')
    await page.keyboard.press('Enter')
    expect(await typedCount(page)).toBe('0 of 8 digits typed')
    expect(newCodes()).toEqual([])
  })

  visitor('a door that cannot check codes says so', async (page) => {
    door.answer(async () => {
      throw new Error('no room on the disk')
    })
    await typeCode(page)
    await page.keyboard.press('Enter')
    await sceneIs(page, 'fault')
    expect(await sentence(page).textContent()).toBe(en.fault)
  })

  visitor('the page says so while an answer is slow', async (page) => {
    let reply: ((answer: CodeAnswer) => void) | undefined
    door.answer(
      () =>
        new Promise((resolve) => {
          reply = resolve
        }),
    )
    await typeCode(page)
    await page.keyboard.press('Enter')
    await sceneIs(page, 'checking')
    reply?.(accepted)
    await sceneIs(page, 'greeted')
  })
})

describe('when the daemon restarts', () => {
  const seconds = (fromMs: number) => (performance.now() - fromMs) / 1000

  visitor('the greeting disappears at once and does not return', async (page) => {
    door.answer(async () => ({ ...accepted, unlockedForMs: 30_000 }))
    await typeCode(page)
    await page.keyboard.press('Enter')
    await sceneIs(page, 'greeted')
    door.say({ lock: 'unlocked' })
    await door.stop()
    await sceneIs(page, 'starting-again')
    const saidBefore = (await sentencesOf(page)).length
    door.say({ lock: 'locked' })
    await door.start()
    const startedMs = performance.now()
    await sceneIs(page, 'idle')
    expect(seconds(startedMs)).toBeLessThan(10)
    expect((await sentencesOf(page)).slice(saidBefore - 1)).toEqual([en.startingAgain, en.idle])
  })

  visitor('an unfinished code is cleared, the visit and its language stay', async (page) => {
    door.say({ visit: { number: 7, status: 'waiting-for-owner' } })
    await page.getByRole('button', { name: 'Français' }).click()
    await typeCode(page, '123')
    await door.stop()
    await sceneIs(page, 'starting-again')
    expect(await sentence(page).textContent()).toBe(fr.startingAgain)
    await typeCode(page)
    await page.keyboard.press('Enter')
    await door.start()
    await sceneIs(page, 'waiting')
    expect(await sentence(page).textContent()).toBe(fr.waiting)
    expect(await page.locator('#visit').textContent()).toBe(`${fr.yourNumber} 7`)
    expect(await page.locator('#visit-detail').textContent()).toBe(fr.yourNumberDetail)
    expect(await typedCount(page)).toContain('0')
    expect(newCodes()).toEqual([])
  })

  visitor('a code whose answer was lost gets no greeting afterwards', async (page) => {
    door.answer(() => new Promise(() => {}))
    await typeCode(page)
    await page.keyboard.press('Enter')
    await expect.poll(newCodes).toHaveLength(1)
    await door.stop()
    await sceneIs(page, 'starting-again')
    await door.start()
    await sceneIs(page, 'idle')
    expect(newCodes()).toHaveLength(1)
  })

  visitor('the page reconnects every time', async (page) => {
    for (let restarts = 0; restarts < runs(1, 3); restarts += 1) {
      await door.stop()
      await sceneIs(page, 'starting-again')
      await door.start()
      await sceneIs(page, 'idle')
    }
    expect(door.watchers()).toBe(1)
  })
})

describe('bell and languages', () => {
  visitor('the bell rings, and says that it has', async (page) => {
    const ringsBefore = door.rings()
    const bell = page.locator('#bell')
    await bell.click()
    await expect.poll(() => bell.innerText()).toBe(en.bellRung)
    await bell.click()
    expect(door.rings() - ringsBefore).toBe(1)
    expect(await page.locator('#announcement').textContent()).toBe(en.bellRung)
  })

  visitor('if the bell does not ring, the page says what to do', async (page) => {
    await page.route('**/api/bell', (route) => route.abort())
    await page.locator('#bell').click()
    await expect.poll(() => page.locator('#bell').innerText()).toBe(en.bellFailed)
  })

  visitor('a visitor’s choice lasts for the visit', async (page) => {
    const lang = () => page.locator('html').getAttribute('lang')
    door.say({ visit: { number: 7, status: 'here' } })
    await page.getByRole('button', { name: 'Deutsch' }).click()
    expect(await sentence(page).textContent()).toBe(de.here)
    expect(await lang()).toBe('de')
    expect(await page.getByRole('button', { pressed: true }).innerText()).toBe('Deutsch')
    door.say({ visit: { number: 7, status: 'code-sent' } })
    await expect.poll(() => sentence(page).textContent()).toBe(de.sent)
    door.say({ visit: null })
    door.say({ visit: { number: 8, status: 'here' } })
    await expect.poll(() => sentence(page).textContent()).toBe(en.here)
    expect(await lang()).toBe('en')
  })

  visitor('a guest is greeted in the language on file', async (page) => {
    door.answer(async () => ({ ...accepted, language: 'fr' }))
    await typeCode(page)
    await page.keyboard.press('Enter')
    await sceneIs(page, 'greeted')
    expect(await sentence(page).textContent()).toBe(fr.welcome.replace('{name}', 'Mira Feldmann'))
    expect(await page.locator('html').getAttribute('lang')).toBe('fr')
  })

  visitor('the page starts in the door’s language', async (page) => {
    door.say({ language: 'de' })
    await expect.poll(() => sentence(page).textContent()).toBe(de.idle)
  })
})
