import { connect } from 'node:net'
import { afterEach, beforeEach, expect, test } from 'vitest'
import { connectHardware, simulatedLock } from '../../../../device/simulated/hardware.ts'
import { SimulatedLink } from '../../../../device/simulated/link.ts'
import { maxHardwareMessageLength } from '../../../../device/simulated/messages.ts'
import { type PlayedHome, startPlayedHome } from './played-home.ts'

let home: PlayedHome
let ends: (() => unknown)[]

beforeEach(async () => {
  home = await startPlayedHome({ doorId: 'test-door', doorKey: new Uint8Array(32) })
  ends = [() => home.close()]
})
afterEach(async () => {
  for (const end of ends.reverse()) await end()
})

async function hardwareLine() {
  const line = connectHardware({ port: home.hardwarePort })
  ends.push(() => line.close())
  await expect.poll(() => home.daemonConnected()).toBe(true)
  return line
}

async function cloudLine() {
  const link = new SimulatedLink({ port: home.linkPort })
  const news: boolean[] = []
  const heard: string[] = []
  link.start({
    online: (up) => news.push(up),
    message: (_topic, payload) => heard.push(Buffer.from(payload).toString()),
  })
  ends.push(() => link.stop())
  await expect.poll(() => news).toEqual([true])
  return { link, news, heard }
}

test('a cut network leaves the hardware connected', async () => {
  const lock = simulatedLock(await hardwareLine())
  const { link, news } = await cloudLine()
  home.network(false)
  await expect.poll(() => news).toEqual([true, false])
  await expect(link.publish('topic', 'text')).rejects.toThrow()
  lock.open(20)
  await expect.poll(() => home.lockTimeline.length).toBe(2)
  home.network(true)
  await expect.poll(() => news).toEqual([true, false, true])
})

test('what the cloud says while nobody listens is lost', async () => {
  expect(home.sendText('topic', 'too early')).toBe(false)
  const { heard } = await cloudLine()
  expect(home.sendText('topic', 'in time')).toBe(true)
  await expect.poll(() => heard).toEqual(['in time'])
})

test('another daemon takes the place of one that died, and finds the lock closed', async () => {
  const before = await hardwareLine()
  simulatedLock(before).open(60_000)
  await expect.poll(() => home.lockState()).toBe('open')
  const after = connectHardware({ port: home.hardwarePort })
  ends.push(() => after.close())
  await expect.poll(() => home.lockState()).toBe('closed')
  expect(home.lockTimeline.at(-1)?.cause).toBe('connection-lost')
})

test('tells its listeners when lock, leaf and daemon change', async () => {
  const seen: unknown[] = []
  home.events.on('daemon', (there) => seen.push(['daemon', there]))
  home.events.on('lock', ({ state }) => seen.push(['lock', state]))
  home.events.on('contact', (open) => seen.push(['contact', open]))
  const line = await hardwareLine()
  simulatedLock(line).open(20)
  await expect.poll(() => seen.length).toBe(3)
  home.contact(true)
  await line.close()
  await expect
    .poll(() => seen)
    .toEqual([
      ['daemon', true],
      ['lock', 'open'],
      ['lock', 'closed'],
      ['contact', true],
      ['daemon', false],
    ])
})

test.each(['hardwarePort', 'linkPort'] as const)(
  'with a secret, %s hears nobody else, tells them nothing, and keeps the daemon',
  async (which) => {
    const guarded = await startPlayedHome({
      ...{ doorId: 'test-door', doorKey: new Uint8Array(32), secret: 'only we know' },
    })
    ends.push(() => guarded.close())
    const end = { port: guarded.hardwarePort, secret: 'only we know' }
    const line = connectHardware(end)
    ends.push(() => line.close())
    await expect.poll(() => guarded.daemonConnected()).toBe(true)
    // As a web page's browser sends it, and then as somebody who guesses.
    const open = '{"lock":"open","holdMs":60000}\n'
    for (const words of [
      `POST / HTTP/1.1\r\nhost: x\r\n\r\n\n${open}`,
      `{"secret":"?"}\n${open}`,
    ]) {
      const socket = connect(guarded[which], '127.0.0.1')
      const heard: unknown[] = []
      socket.on('data', (bytes) => heard.push(bytes))
      socket.on('error', () => {})
      socket.write(words)
      await new Promise((resolve) => socket.once('close', resolve))
      expect(heard).toEqual([])
    }
    expect([guarded.lockTimeline, guarded.daemonConnected(), line.isUp()]).toEqual([[], true, true])
    simulatedLock(line).open(20)
    await expect.poll(() => guarded.lockTimeline.length).toBe(2)
  },
)

test('counts nonsense on either line and goes on', async () => {
  for (const port of [home.hardwarePort, home.linkPort]) {
    const before = home.garbage()
    const socket = connect(port, '127.0.0.1')
    socket.on('error', () => {})
    socket.write('{"lock":"open"}\n{"lock":"open","holdMs":-1}\n{"lock":"ajar"}\nnonsense\n[1]\n')
    socket.write(`${'x'.repeat(2 * maxHardwareMessageLength)}\n\0\n`)
    await expect.poll(() => home.garbage() - before).toBe(7)
    socket.destroy()
  }
  expect(home.lockTimeline).toEqual([])
  await hardwareLine()
})
