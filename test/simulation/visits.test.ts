/** Every shipped script holds, and a script that fails is reported with the failed step. */
import { spawn, spawnSync } from 'node:child_process'
import { once } from 'node:events'
import { mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { text } from 'node:stream/consumers'
import { fileURLToPath } from 'node:url'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { openVisitLanes } from '../../simulation/script/lanes.ts'
import { readScript, type VisitScript } from '../../simulation/script/script.ts'
import { describeProof, testProof } from '../support/effort.ts'

const folder = fileURLToPath(new URL('../../simulation/visits', import.meta.url))
const names = readdirSync(folder).filter((name) => name.endsWith('.json'))

function scriptIn(name: string): VisitScript {
  const read = readScript(readFileSync(join(folder, name), 'utf8'))
  if (!read.ok) throw new Error(`${name}: ${read.mistake}`)
  return read.script
}

/** Most of a visit is waiting, so that several at once take little longer than one. */
const lanes = openVisitLanes(3)
afterAll(() => lanes.close())

describeProof('a visit', () => {
  test.concurrent.each(names)('%s', async (name) => {
    const { failure } = await lanes.play(scriptIn(name))
    expect(failure).toBe(null)
  })
})

const homesIn = (path: string) => readdirSync(path).filter((name) => name.startsWith('smart-door'))

describe('npm run visit', () => {
  let scratch: string
  beforeAll(() => {
    scratch = mkdtempSync(join(tmpdir(), 'visit-test-'))
  })
  afterAll(() => rmSync(scratch, { recursive: true }))

  const program = fileURLToPath(new URL('../../simulation/visit.ts', import.meta.url))
  const visit = (content: string) => {
    const file = join(scratch, 'visit.json')
    writeFileSync(file, content)
    const run = spawnSync(process.execPath, [program, file], { encoding: 'utf8' })
    return { ...run, file }
  }
  const script = (steps: readonly object[]) => JSON.stringify({ title: 'A test', steps })

  test('plays a visit through a network cut, and prints what happened and the failed step', () => {
    const { steps } = scriptIn('network-cut-after-grant.json')
    const wrong = { press: 'wrong', outcome: 'accepted' }
    const { status, stdout } = visit(script([...steps, wrong]))
    expect(status).toBe(1)
    expect(stdout).toContain('Robin Vale typed a valid code. The lock opened for 5 s.')
    expect(stdout).toContain('0 of 1 visit held.\nFailed: A test')
    expect(stdout).toContain(`FAILED at step ${steps.length + 1}, `)
    expect(stdout).toMatch(/FAILED at step .*\n\s+expected: accepted\n\s+found: {4}denied/)
  })

  testProof('says by its exit code that everything held', () => {
    const { status, stdout } = visit(script([{ bell: true }, { expect: { lock: 'closed' } }]))
    expect([status, stdout]).toEqual([0, expect.stringContaining('held')])
  })

  testProof('prints several in the given order, and a summary', async () => {
    const quick = join(scratch, 'quick.json')
    writeFileSync(quick, JSON.stringify({ title: 'Quick', steps: [{ bell: true }] }))
    const slow = join(folder, 'wrong-codes.json')
    const { status, stdout } = spawnSync(process.execPath, [program, slow, quick], {
      encoding: 'utf8',
    })
    const results = stdout.split('\n').filter((line) => /^(Wrong codes|Quick| {2}held)/.test(line))
    expect(results).toEqual([expect.stringContaining('Wrong codes'), '  held', 'Quick', '  held'])
    expect(stdout).toContain('2 of 2 visits held.')
    expect(status).toBe(0)
  })

  testProof('leaves nothing behind when it is interrupted', async () => {
    const temporary = mkdtempSync(join(scratch, 'tmp-'))
    const env = { ...process.env, TMPDIR: temporary }
    const child = spawn(process.execPath, [program, join(folder, 'first-visit.json')], { env })
    const said = text(child.stdout)
    await expect.poll(() => homesIn(temporary)).toHaveLength(1)
    const ended = once(child, 'exit')
    child.kill('SIGINT')
    expect(await ended).toEqual([130, null])
    // Waits for its child processes, which share its output.
    await said
    expect(homesIn(temporary)).toEqual([])
  })

  test('names the mistake in a file', () => {
    const { status, stderr, file } = visit(script([{ dance: true }]))
    const mistake = 'step 1: there is no step "dance". There are: arrive, leave, bell'
    expect([status, stderr]).toEqual([64, expect.stringContaining(`${file}: ${mistake}`)])
  })
})
