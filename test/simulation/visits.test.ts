/** Every script that is shipped holds; and one that does not says where it parted. */
import { spawnSync } from 'node:child_process'
import { mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { playVisit } from '../../simulation/play-visit.ts'
import { withHome } from '../../simulation/throwaway-home.ts'
import { readScript, type VisitScript } from '../../simulation/visit-script.ts'

const folder = fileURLToPath(new URL('../../simulation/visits', import.meta.url))
const names = readdirSync(folder).filter((name) => name.endsWith('.json'))

function scriptIn(name: string): VisitScript {
  const read = readScript(readFileSync(join(folder, name), 'utf8'))
  if (!read.ok) throw new Error(`${name}: ${read.mistake}`)
  return read.script
}

describe('a visit', () => {
  test.each(names)('%s', async (name) => {
    const parted = await withHome((home) => playVisit(home, scriptIn(name)))
    expect(parted).toBe(null)
  })
})

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
    const run = spawnSync(process.execPath, [program, file], { encoding: 'utf8', timeout: 60_000 })
    return { ...run, file }
  }
  const script = (steps: readonly object[]) => JSON.stringify({ title: 'A test', steps })

  test('prints where expectation and event parted, after what had happened', () => {
    const steps = [{ bell: true }, { expect: { happened: 'The bell rang.' } }]
    const wrong = { press: 'wrong', outcome: 'accepted' }
    const { status, stdout } = visit(script([...steps, wrong]))
    expect(status).toBe(1)
    expect(stdout).toContain('The bell rang.')
    expect(stdout).toMatch(/PARTED at step 3.*\n\s+expected: accepted\n\s+found: {4}denied/)
  })

  test('says by its exit code that everything held', () => {
    const { status, stdout } = visit(script([{ bell: true }, { expect: { lock: 'closed' } }]))
    expect([status, stdout]).toEqual([0, expect.stringContaining('held')])
  })

  test.each([
    ['nonsense', 'it is not valid JSON.'],
    [script([{ dance: true }]), 'step 1: there is no step "dance". There are: arrive, leave, bell'],
    [script([]), 'steps is not understood. It takes a list that is not empty.'],
  ])('names the mistake in %j', (content, mistake) => {
    const { status, stderr, file } = visit(content)
    expect([status, stderr]).toEqual([64, expect.stringContaining(`${file}: ${mistake}`)])
  })
})
