/** Beyond loopback nothing listens that talks to strangers, whatever the config file says. */
import { connect } from 'node:net'
import { afterEach, expect, test } from 'vitest'
import { type RunningDoor, runDoor } from '../../support/door/running-door.ts'
import { smartDoor } from '../../support/door/smart-door.ts'

const doors: RunningDoor[] = []
afterEach(() => Promise.all(doors.splice(0).map((door) => door.close())))

/** Served by a program that listens at every address of this machine, and by no other of ours. */
const otherAddress = '127.0.0.2'

const answersAt = (host: string, port: number): Promise<boolean> =>
  new Promise((resolve) => {
    const socket = connect(port, host)
    socket.once('connect', () => resolve(true)).once('error', () => resolve(false))
    socket.once('connect', () => socket.destroy())
  })

test.each(['0.0.0.0', '::'])('the keypad page never listens at %s', async (host) => {
  const door = await runDoor({ config: { keypad: { host, port: 0 } } })
  doors.push(door)
  const port = Number(new URL(door.url()).port)
  expect(await answersAt('127.0.0.1', port)).toBe(true)
  expect(await answersAt(otherAddress, port)).toBe(false)
  // People can leave, and the owner reads why codes do not work.
  const health = await fetch(`http://127.0.0.1:${port}/healthz`)
  expect(await health.text()).toContain('keypad.host')
})

test('the config check refuses it', async () => {
  const door = await runDoor({ config: { keypad: { host: '0.0.0.0' } }, startNow: false })
  doors.push(door)
  const { code, stderr } = await smartDoor('config', 'check', '--config', door.configPath)
  expect(code).toBe(78)
  expect(stderr).toContain('keypad.host must be an address of this computer alone')
})
