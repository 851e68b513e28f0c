/** `smart-door passcode`: a one-time code that the owner makes at the door, without any cloud. */
import { mkdtempSync, rmSync, statSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it, vi } from 'vitest'
import { controlPath } from '../../../device/control/messages.ts'
import { serveControl } from '../../../device/control/server.ts'
import { DoorBusy, type PasscodeAnswer } from '../../../device/daemon/ports.ts'
import { type RunningDoor, runDoor } from '../../support/door/running-door.ts'
import { smartDoor } from '../../support/door/smart-door.ts'

let door: RunningDoor
beforeAll(async () => {
  door = await runDoor({ startNow: false, config: { link: 'none' } })
})
// As systemd sets it for the daemon.
beforeEach(() => void vi.stubEnv('RUNTIME_DIRECTORY', door.folder))
afterEach(() => void vi.unstubAllEnvs())
afterAll(() => door.close())

const passcode = () => smartDoor('passcode', '--config', door.configPath)
const made = /^(\d{4}) (\d{4})\n\nIt opens Test door once, within 5 minutes\.\n$/

async function code(): Promise<string> {
  const { stdout, stderr } = await passcode()
  expect([stdout, stderr]).toEqual([expect.stringMatching(made), ''])
  return stdout.replace(made, '$1$2')
}

describe('with a running door', () => {
  beforeAll(async () => {
    vi.stubEnv('RUNTIME_DIRECTORY', door.folder)
    await door.start()
  })

  it('prints eight digits that open the door once, and are in no log', async () => {
    const typed = await code()
    expect(await door.enter(typed)).toMatchObject({ outcome: 'accepted', visitorName: '' })
    await expect.poll(() => door.home.lockState()).toBe('open')
    expect(await door.enter(typed)).toMatchObject({ outcome: 'denied' })
    const { stdout } = await smartDoor('explain', '1', '--config', door.configPath)
    expect(stdout).toContain('A visitor with a code made at the door typed a valid code.')
    const output = door.output.join('\n')
    expect(output).toContain('"msg":"grant-stored"')
    expect(output).not.toContain(typed)
  })

  it('can be asked by root and the user of the daemon only', () => {
    expect(statSync(controlPath(door.folder)).mode & 0o777).toBe(0o600)
  })

  it('survives a kill, and leaves no more than three codes live', async () => {
    const [first, second] = [await code(), await code(), await code()]
    await door.end('SIGKILL')
    const unanswered = 'The daemon does not answer. See: sudo smart-door doctor\n'
    expect(await passcode()).toEqual({ code: 1, stdout: '', stderr: unanswered })
    await door.start()
    const { stdout } = await passcode()
    expect(stdout).toMatch(/^\d{4} \d{4}\n\n.*\nAn older code no longer works\.\n$/)
    expect(await door.enter(first ?? '')).toMatchObject({ outcome: 'denied' })
    expect(await door.enter(second ?? '')).toMatchObject({ outcome: 'accepted' })
  })
})

describe('refuses kindly', () => {
  const refused = (reason: string) => ({ outcome: 'refused', reason }) as PasscodeAnswer

  it.each([
    ['while the time is unknown', async () => refused('clock-unknown'), 'does not know the time'],
    ['at a door that stays locked', async () => refused('door-locked'), 'lock.mode is "locked"'],
    ['when the code is taken', async () => refused('code-in-use'), 'Try again.'],
    ['when a part fails', () => Promise.reject(new DoorBusy('')), 'a part of it does not work'],
    ['what the daemon fails at', () => Promise.reject(new Error('')), 'does not answer'],
  ])('%s', async (_, makePasscode, sentence) => {
    const folder = mkdtempSync(join(tmpdir(), 'control-'))
    const errors: string[] = []
    const log = { info() {}, warn() {}, error: (_data: object, text: string) => errors.push(text) }
    const server = serveControl(
      controlPath(folder),
      { makePasscode, makeSheet: async () => ({ outcome: 'refused' }) },
      log,
    )
    try {
      vi.stubEnv('RUNTIME_DIRECTORY', folder)
      expect(await passcode()).toEqual({
        code: 1,
        stdout: '',
        stderr: expect.stringContaining(sentence),
      })
      expect(errors).toEqual(sentence === 'does not answer' ? ['a command failed'] : [])
    } finally {
      server.close()
      rmSync(folder, { recursive: true })
    }
  })
})
