/** Recordings of visits. start.test.ts has a home without ffmpeg, which makes none. */
import type { Browser, Page } from 'playwright-core'
import { afterAll, afterEach, beforeAll, expect, test } from 'vitest'
import { doorId } from '../../simulation/home/household.ts'
import { withHome } from '../../simulation/home/throwaway-home.ts'
import { startBrowser } from '../support/browser.ts'
import { programsOf } from '../support/child-programs.ts'
import { describeProof, testProof } from '../support/effort.ts'
import {
  isRunning,
  type StartedSimulation,
  startSimulation,
} from '../support/started-simulation.ts'
import { framesIn } from '../support/video/stored-recording.ts'

let ends: (() => unknown)[] = []
afterEach(async () => {
  for (const end of ends.reverse()) await end()
  ends = []
})

const encodersOf = (pid?: number) =>
  programsOf(pid).filter(({ words }) => words.includes('libx264'))

testProof('a visit is recorded by the door, and its recording is stored under its id', async () => {
  const warnings: string[] = []
  await withHome(
    async (home) => {
      const { video } = home.cloud.aws
      const tags = () => video.stream(doorId).fragments.map((fragment) => fragment.tags)
      await expect.poll(home.connections.linkUp).toBe(true)
      home.scene.arrive('visitor-1')
      await expect.poll(() => tags().length).toBeGreaterThan(1)
      // Skipping time ends the visit, and the encoder must not look stuck.
      home.scene.leave()
      await home.pass(60_000)
      await expect.poll(() => encodersOf()).toEqual([])
      const [visit] = (await home.state()).visits
      expect(visit?.number).toBe(1)
      expect(new Set(tags().map((each) => each['VISIT_ID']))).toEqual(new Set([visit?.id]))
      const recording = await home.recording(visit?.id ?? '')
      expect([recording.status, recording.headers.get('content-type')]).toEqual([200, 'video/mp4'])
      const stored = () => video.stream(doorId).fragments.flatMap(({ blocks }) => blocks).length
      const missing = async () => {
        const mp4 = await (await home.recording(visit?.id ?? '')).arrayBuffer()
        return stored() - (await framesIn(new Uint8Array(mp4)))
      }
      // The last fragment may arrive after the encoder has ended.
      await expect.poll(missing).toBe(0)
      // Frames for the recording are no snapshots.
      const { aws, stack } = home.cloud
      expect(aws.bucket(stack.ref('Photos')).list('snapshots/')).toHaveLength(5)
      expect(video.findings).toEqual([])
    },
    {
      recordings: true,
      doorStarted: (door) => door.events.on('warning', (text) => warnings.push(text)),
    },
  )
  expect(warnings).toEqual([])
})

testProof('a recording continues without a gap after a network cut', async () => {
  await withHome(
    async (home) => {
      const { video } = home.cloud.aws
      const times = () => video.stream(doorId).fragments.map(({ producerMs }) => producerMs)
      await expect.poll(home.connections.linkUp).toBe(true)
      home.scene.arrive('visitor-1')
      await expect.poll(() => times().length).toBeGreaterThan(0)
      home.troubles.make({ network: false })
      await expect.poll(() => video.puts.some(({ isOpen }) => isOpen)).toBe(false)
      const cutMs = Date.now()
      home.troubles.make({ network: true })
      await expect.poll(() => times().at(-1)).toBeGreaterThan(cutMs)
      const gapsMs = times().map((atMs, nth, all) => atMs - (all[nth - 1] ?? atMs))
      // Key frames are two seconds apart, or a little more on a busy machine.
      expect(Math.max(...gapsMs)).toBeLessThan(4_000)
    },
    { recordings: true },
  )
})

testProof('Ctrl-C during a recording leaves no encoder behind', async () => {
  const home = await startSimulation([], { recordings: true })
  ends.push(() => home.end())
  await home.post('arrive', { person: 'visitor-1' })
  const encoders = () => encodersOf(home.pid)
  await expect.poll(encoders).toHaveLength(1)
  const pids = encoders().map(({ pid }) => pid)
  expect(await home.end('SIGINT')).toBe(0)
  expect(pids.filter(isRunning)).toEqual([])
})

describeProof('in the control room', () => {
  let home: StartedSimulation
  let browser: Browser
  beforeAll(async () => {
    ;[home, browser] = await Promise.all([
      startSimulation([], { recordings: true }),
      startBrowser(),
    ])
  })
  afterAll(async () => {
    await browser.close()
    await home.end()
  })

  let complaints: string[]
  async function openPage(): Promise<Page> {
    const page = await browser.newPage({ viewport: { width: 1_280, height: 900 } })
    complaints = []
    page.on('console', (message) => complaints.push(message.text()))
    await page.goto(home.url)
    return page
  }
  const shownSeconds = (page: Page) =>
    page.locator('#recording-video').evaluate((video) => Reflect.get(video, 'currentTime'))

  test('the recording of a visit plays', async () => {
    const page = await openPage()
    const play = page.getByRole('button', { name: 'Play the recording of visit 1' })
    expect(await play.isVisible()).toBe(false)
    await home.post('arrive', { person: 'visitor-1' })
    await play.waitFor()
    const recorded = async () =>
      (await fetch(`${home.url}/api/recording/${await visitId()}`)).status
    const visitId = async () => (await home.state()).visits[0]?.id
    await expect.poll(recorded).toBe(200)
    await play.click()
    await page.getByRole('heading', { name: 'The recording of visit 1' }).waitFor()
    await expect.poll(() => shownSeconds(page)).toBeGreaterThan(0.5)
    await page.getByRole('button', { name: 'Close' }).click()
    expect(complaints).toEqual([])
  })

  test('the live view plays without a visitor until it is closed', async () => {
    await home.post('leave')
    await home.post('clock', { jumpSeconds: 120 })
    await expect.poll(() => encodersOf(home.pid)).toEqual([])
    const page = await openPage()
    await page.getByRole('button', { name: 'Owner looks from afar' }).click()
    await page.getByRole('heading', { name: 'Through the door' }).waitFor()
    // Longer than one piece of the recording.
    await expect.poll(() => shownSeconds(page)).toBeGreaterThan(4)
    await page.getByRole('button', { name: 'Close' }).click()
    await expect.poll(() => encodersOf(home.pid)).toEqual([])
    expect(await page.getByRole('alert').textContent()).toBe('')
    // Before the first piece there is nothing to play.
    expect(complaints.filter((one) => !one.includes('404'))).toEqual([])
  })

  test('there is no recording of an unknown visit', async () => {
    const answer = await fetch(`${home.url}/api/recording/${'0'.repeat(32)}`)
    expect([answer.status, await answer.json()]).toEqual([
      404,
      { problem: 'not-found', sentence: 'There is nothing here.' },
    ])
  })
})
