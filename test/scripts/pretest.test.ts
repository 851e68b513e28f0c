import { spawnSync } from 'node:child_process'
import { chmodSync, existsSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, describe, expect, test } from 'vitest'
import {
  attemptsFor,
  explain,
  type Machine,
  missingOn,
  neededByTests,
  type Program,
} from '../../scripts/debian-programs.ts'

const machine = (programs: readonly string[], isRoot = true): Machine => ({
  has: (program) => programs.includes(program),
  isRoot,
})

const drawing: Program = { name: 'draw', debianPackage: 'crayons', because: 'a test draws' }
const painting: Program = { name: 'paint', debianPackage: 'crayons', because: 'a test paints' }
const singing: Program = { name: 'sing', debianPackage: 'choir', because: 'a test sings' }

describe('the missing programs', () => {
  test('are those that are needed and not installed', () => {
    expect(missingOn(machine(['sing']), [drawing, singing])).toEqual([drawing])
    expect(missingOn(machine(['sing', 'draw']), [drawing, singing])).toEqual([])
  })

  test('each have a package and a reason', () => {
    for (const { name, debianPackage, because } of neededByTests) {
      expect(`${name} ${debianPackage}`).toMatch(/^[a-z0-9-]+ [a-z0-9-]+$/)
      expect(because).toMatch(/^[a-z].*[^.]$/)
    }
  })
})

describe('installing', () => {
  const words = (attempts: ReturnType<typeof attemptsFor>) =>
    attempts.map((commands) => commands.map((words) => words.join(' ')))
  const apt = '/usr/bin/env DEBIAN_FRONTEND=noninteractive apt-get -o DPkg::Lock::Timeout=120'
  const install = `${apt} install -y -qq --no-install-recommends`

  test('as root: first without fetching the package lists, then with them', () => {
    expect(words(attemptsFor([drawing, painting, singing], machine(['apt-get'])))).toEqual([
      [`${install} crayons choir`],
      [`${apt} update -qq`, `${install} crayons choir`],
    ])
  })

  test('as another user: with sudo, which must not ask', () => {
    expect(words(attemptsFor([drawing], machine(['apt-get', 'sudo'], false)))).toEqual([
      [`sudo -n ${install} crayons`],
      [`sudo -n ${apt} update -qq`, `sudo -n ${install} crayons`],
    ])
  })

  test.each([
    ['nothing is missing', [], machine(['apt-get'])],
    ['this is not Debian', [drawing], machine(['sudo'])],
    ['there is neither root nor sudo', [drawing], machine(['apt-get'], false)],
  ])('is not tried when %s', (_, missing, where) => {
    expect(attemptsFor(missing, where)).toEqual([])
  })
})

describe('the explanation', () => {
  test.each([
    [machine(['apt-get']), 'Please run: apt-get install --no-install-recommends crayons'],
    [
      machine(['apt-get'], false),
      'Please run: sudo apt-get install --no-install-recommends crayons',
    ],
    [machine([]), "There is no apt-get here. Please install it your system's way"],
  ])('names the package, the reason and the command', (where, remedy) => {
    const text = explain([drawing], where)
    expect(text).toContain(
      'The tests need draw (Debian package crayons) because a test draws; it is not installed.',
    )
    expect(text).toContain(remedy)
  })
})

describe('the script itself', () => {
  let folder: string
  beforeEach(() => {
    folder = mkdtempSync(join(tmpdir(), 'pretest-'))
  })
  afterEach(() => rmSync(folder, { recursive: true }))

  function program(name: string, script: string): void {
    writeFileSync(join(folder, name), `#!/bin/sh\n${script}\n`)
    chmodSync(join(folder, name), 0o755)
  }

  /** Runs it with only the test's programs on the PATH. */
  function pretest() {
    const script = join(import.meta.dirname, '../../scripts/pretest.ts')
    const { status, stdout, stderr } = spawnSync(process.execPath, [script], {
      encoding: 'utf8',
      env: { PATH: folder },
    })
    return { status, stdout, stderr }
  }

  const needEverything = () => {
    for (const { name } of neededByTests) program(name, 'exit 0')
  }

  test('prints nothing when nothing is missing', () => {
    needEverything()
    expect(pretest()).toEqual({ status: 0, stdout: '', stderr: '' })
  })

  test('says what to do, and fails, where there is no apt-get', () => {
    const { status, stderr } = pretest()
    expect(status).toBe(1)
    for (const { name, debianPackage, because } of neededByTests) {
      expect(stderr).toContain(`need ${name} (Debian package ${debianPackage}) because ${because}`)
    }
    expect(stderr).toContain('There is no apt-get here.')
    const packages = neededByTests.map(({ debianPackage }) => debianPackage)
    expect(stderr).toContain(`apt-get install --no-install-recommends ${packages.join(' ')}\n`)
  })

  /** An apt-get that knows packages only after an update, and notes its arguments. */
  const aptGet = `
    printf '%s\\n' "$*" >> "\${0%/*}/notes"
    case "$*" in
      *update*) : > "\${0%/*}/lists" ;;
      *install*)
        [ -e "\${0%/*}/lists" ] || exit 100
        for name in ${neededByTests.map(({ name }) => name).join(' ')}; do
          printf '#!/bin/sh\\n' > "\${0%/*}/$name"; /bin/chmod +x "\${0%/*}/$name"
        done ;;
    esac`
  const notes = () => readFileSync(join(folder, 'notes'), 'utf8').trim().split('\n')

  test('installs what is missing, fetching the package lists once', () => {
    program('apt-get', aptGet)
    program('sudo', 'shift; exec "$@"')
    expect(pretest().status).toBe(0)
    expect(notes().map((note) => /update|install/.exec(note)?.[0])).toEqual([
      'install',
      'update',
      'install',
    ])
    expect(pretest()).toEqual({ status: 0, stdout: '', stderr: '' })
    expect(notes()).toHaveLength(3)
  })

  test('fails with a sentence when the network is down', () => {
    program('apt-get', 'echo "E: Unable to fetch some archives" >&2; exit 100')
    program('sudo', 'shift; exec "$@"')
    const { status, stderr } = pretest()
    expect(status).toBe(1)
    expect(stderr).toMatch(/Installing failed. Please run: (sudo )?apt-get install/)
    expect(existsSync(join(folder, 'chromium-headless-shell'))).toBe(false)
  })

  test('fails when apt-get reports success but installs nothing', () => {
    program('apt-get', 'exit 0')
    program('sudo', 'shift; exec "$@"')
    expect(pretest().status).toBe(1)
  })
})
