/** `smart-door break-glass`: a sheet that the owner prints at the door, without any cloud. */
import { afterAll, afterEach, beforeAll, beforeEach, expect, it, vi } from 'vitest'
import { type RunningDoor, runDoor } from '../../support/door/running-door.ts'
import { smartDoor } from '../../support/door/smart-door.ts'

let door: RunningDoor
beforeAll(async () => {
  door = await runDoor({ startNow: false, config: { link: 'none' } })
  vi.stubEnv('RUNTIME_DIRECTORY', door.folder)
  await door.start()
})
beforeEach(() => void vi.stubEnv('RUNTIME_DIRECTORY', door.folder))
afterEach(() => void vi.unstubAllEnvs())
afterAll(() => door.close())

const breakGlass = (...options: string[]) =>
  smartDoor('break-glass', '--config', door.configPath, ...options)
const codesIn = (text: string) =>
  [...text.matchAll(/^ {2}[ 1]\d\. {2}(\d{4}) (\d{4}) (\d{4}) {3}\[ \]$/gm)].map((found) =>
    found.slice(1).join(''),
  )
const doctor = async () => {
  const { stdout } = await smartDoor('doctor', '--json', '--config', door.configPath)
  return (JSON.parse(stdout) as { check: string; level: string; sentence: string }[]).find(
    ({ check }) => check === 'break-glass',
  )
}

it('asks first, because the sheet before ends', async () => {
  const { code, stdout, stderr } = await breakGlass()
  expect([code, stdout]).toEqual([64, ''])
  expect(stderr).toContain('use --yes')
  expect(await doctor()).toMatchObject({
    level: 'ok',
    sentence: expect.stringContaining('no sheet'),
  })
})

it('prints ten codes that open the door once each, and says when few are left', async () => {
  const { code, stdout, stderr } = await breakGlass('--yes')
  expect([code, stderr]).toEqual([0, ''])
  expect(stdout).toContain('BREAK-GLASS CODES for Test door')
  const codes = codesIn(stdout)
  expect(new Set(codes).size).toBe(10)
  expect(await doctor()).toMatchObject({ level: 'ok', sentence: expect.stringContaining(': 10.') })
  for (const typed of codes.slice(0, 8)) {
    expect(await door.enter(typed)).toMatchObject({ outcome: 'accepted', visitorName: '' })
  }
  expect(await door.enter(codes[0] ?? '')).toMatchObject({ outcome: 'denied' })
  expect(await doctor()).toMatchObject({
    level: 'warning',
    sentence: expect.stringContaining(': 2.'),
  })
  const { stdout: said } = await smartDoor('explain', '1', '--config', door.configPath)
  expect(said).toContain('ALARM: code 1 of the break-glass sheet was typed.')
  const output = door.output.join('\n')
  for (const typed of codes) expect(output).not.toContain(typed)
})

it('ends the sheet before, and outlives a kill', async () => {
  const [, old = ''] = codesIn((await breakGlass('--yes')).stdout)
  const { stdout, stderr } = await breakGlass('--yes')
  expect(stderr).toBe('10 codes of the sheet before no longer work. Destroy that sheet.\n')
  await door.end('SIGKILL')
  expect(await breakGlass('--yes')).toMatchObject({ code: 1, stdout: '' })
  await door.start()
  expect(await door.enter(old)).toMatchObject({ outcome: 'denied' })
  expect(await door.enter(codesIn(stdout)[0] ?? '')).toMatchObject({ outcome: 'accepted' })
})
