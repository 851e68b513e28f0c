import type { FastifyInstance } from 'fastify'
import { afterEach, describe, expect, test, vi } from 'vitest'
import type { HttpLimits } from '../../../device/http/limits.ts'
import { keypadStateSchema } from '../../../protocol/keypad-api.ts'
import { idleState, stubDoor } from '../../support/door/stub-door.ts'
import { listeningApp } from '../../support/network/listening-app.ts'
import { type RawConnection, rawConnection } from '../../support/network/raw-http.ts'

const opened: FastifyInstance[] = []
afterEach(() => Promise.all(opened.splice(0).map((app) => app.close())))

async function watched(limits: Partial<HttpLimits> = {}) {
  const door = stubDoor()
  const { app, port } = await listeningApp({ door, limits })
  opened.push(app)
  const watch = () => {
    const connection = rawConnection(port)
    connection.socket.write('GET /api/events HTTP/1.1\r\nHost: localhost\r\n\r\n')
    return connection
  }
  return { door, app, watch }
}

const statesIn = (connection: RawConnection) =>
  [...connection.received().matchAll(/^event: state\ndata: (.*)\n\n/gm)].map(([, data]) =>
    keypadStateSchema.parse(JSON.parse(data ?? '')),
  )
const answered = (connection: RawConnection) =>
  expect.poll(() => connection.received()).toMatch(/^HTTP\/1\.1 \d/)

describe('a page that watches', () => {
  test('is told the whole state at once and at every change', async () => {
    const { door, watch } = await watched()
    const page = watch()
    await expect.poll(() => statesIn(page)).toEqual([idleState])
    expect(page.received()).toMatch(/^HTTP\/1\.1 200 .*^content-type: text\/event-stream\r$/ims)
    expect(page.received()).toMatch(/^content-security-policy: default-src 'none'/im)
    expect(page.received()).toMatch(/^cache-control: no-store\r$/im)
    expect(page.received()).toMatch(/^retry: 500\n/m)

    door.say({ lock: 'unlocked' })
    door.say({ lock: 'locked', visit: { number: 7, status: 'here' } })
    await expect.poll(() => statesIn(page)).toHaveLength(3)
    expect(statesIn(page).map(({ lock }) => lock)).toEqual(['locked', 'unlocked', 'locked'])
    expect(statesIn(page).at(-1)?.visit).toEqual({ number: 7, status: 'here' })
    page.socket.destroy()
  })

  test('cannot be fooled by a line end in a name', async () => {
    const { door, watch } = await watched()
    const page = watch()
    await answered(page)
    door.say({ doorName: 'Back\n\nevent: state\ndata: {}' })
    await expect.poll(() => statesIn(page)).toHaveLength(2)
    page.socket.destroy()
  })

  test('hears a heartbeat when nothing happens', async () => {
    const { watch } = await watched({ heartbeatMs: 10 })
    const page = watch()
    await expect.poll(() => page.received().split(': still here\n\n').length).toBeGreaterThan(3)
    page.socket.destroy()
  })

  test('keeps nobody from watching after it has gone', async () => {
    const { watch } = await watched({ watchers: 2 })
    const pages = [watch(), watch()]
    for (const page of pages) await answered(page)

    const third = watch()
    await answered(third)
    expect(third.received()).toMatch(/^HTTP\/1\.1 503 /)
    expect(third.received()).toContain('"problem":"too-many-pages"')

    pages[0]?.socket.destroy()
    await vi.waitFor(async () => {
      const fourth = watch()
      await answered(fourth)
      const { length } = statesIn(fourth)
      fourth.socket.destroy()
      expect(length).toBe(1)
    }, 60_000)
    for (const page of [third, ...pages]) page.socket.destroy()
  })

  test('and does not read is dropped, and the others are not', async () => {
    const { door, watch } = await watched()
    const [slow, quick] = [watch(), watch()]
    await answered(slow)
    await answered(quick)
    slow.socket.pause()
    const dropped = vi.fn()
    slow.socket.once('close', dropped)

    const doorName = 'x'.repeat(50_000)
    const stateBytes = JSON.stringify({ ...idleState, doorName }).length
    for (let said = 1; said <= 300; said += 1) {
      door.say({ doorName })
      await vi.waitUntil(() => quick.socket.bytesRead > said * stateBytes, {
        interval: 1,
        timeout: 60_000,
      })
    }
    // What the system had already taken over for the slow one is all that it gets.
    slow.socket.resume()
    await expect.poll(() => dropped).toHaveBeenCalled()
    expect(statesIn(slow).length).toBeLessThan(300)
    expect(statesIn(quick)).toHaveLength(301)
    quick.socket.destroy()
  })

  test('behind another request of the same connection is refused', async () => {
    const { watch } = await watched({ watchers: 3 })
    const page = watch()
    page.socket.write('GET /api/events HTTP/1.1\r\nHost: localhost\r\n\r\n'.repeat(20))
    await answered(page)
    const other = watch()
    await expect.poll(() => statesIn(other)).toHaveLength(1)
    page.socket.destroy()
    other.socket.destroy()
  })
})

describe('closing the app', () => {
  test('ends every watch and stops watching the door', async () => {
    const { door, app, watch } = await watched({ closeWithinMs: 60_000 })
    const pages = [watch(), watch()]
    for (const page of pages) await answered(page)
    expect(door.watchers()).toBe(1)
    const startedAtMs = performance.now()
    await app.close()
    await Promise.all(pages.map(({ closed }) => closed))
    expect(performance.now() - startedAtMs).toBeLessThan(30_000)
    expect(door.watchers()).toBe(0)
    for (const page of pages) expect(page.received()).toMatch(/0\r\n\r\n$/)
  })
})
