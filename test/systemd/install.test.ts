/**
 * The installer, for real, in a folder that plays the whole system. What would change the machine
 * that runs the tests (systemctl, apt-get, npm's download) is played by small programs.
 */
import { spawnSync } from 'node:child_process'
import {
  chmodSync,
  cpSync,
  existsSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  readlinkSync,
  rmSync,
  statSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, describe, expect, test } from 'vitest'
import { readConfigAndSecrets } from '../../device/config/config.ts'

const root = join(import.meta.dirname, '../..')
let folder: string
const at = (...path: string[]) => join(folder, ...path)
const system = (...path: string[]) => at('system', ...path)
const text = (path: string) => readFileSync(path, 'utf8')

beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'install-'))
  mkdirSync(at('programs'))
  mkdirSync(at('system'))
  for (const name of ['apt-get', 'systemd-sysusers', 'systemd-tmpfiles', 'udevadm', 'curl']) {
    program(name)
  }
  for (const name of ['node', 'g++', 'make', 'python3', 'gpioset', 'ffmpeg', 'sleep', 'sync'])
    program(name)
  for (const name of ['mv', 'rm', 'ln']) program(name, `exec /usr/bin/${name} "$@"`)
  program('npm', `[ ! -e "$HERE/no-network" ] && ln -s '${root}/node_modules' node_modules`)
  program('systemctl', systemctl)
  unpack()
})
afterEach(() => rmSync(folder, { recursive: true }))

/**
 * Starts what a unit below /run names, else what `current` leads to. A version whose daemon does not
 * come up has a file that says so; one that comes up and does not stay up, a file that says that.
 */
const systemctl = `
trial="$DESTDIR/run/systemd/system.control/smart-door.service"
version() {
  [ -e "$trial" ] && path=$(sed -n 's|^ExecStart=/opt/smart-door/\\(.*\\)/scripts/.*|\\1|p' "$trial") || path=current
  echo "$DESTDIR/opt/smart-door/$path"
}
case "$1 $*" in
  restart*) [ ! -e "$(version)/device/broken" ] && basename "$(readlink -f "$(version)")" >"$HERE/runs" ;;
  show*) [ ! -e "$(version)/device/falls" ] && echo same || date +%N ;;
esac`

/** Each notes that it was called; the power fails with the call that was chosen, by number or by name. */
const powerCut = `
[ ! -e "$HERE/cut" ] || case "$(grep -c . "$HERE/notes") $(tail -n 1 "$HERE/notes")" in
  $(cat "$HERE/cut")*) kill -KILL 0 ;;
esac`

function program(name: string, script = 'true'): void {
  const path = at('programs', name)
  const note = `echo "${name} $*" >>"$HERE/notes"`
  const lines = ['#!/bin/sh', `HERE='${folder}'`, note, powerCut, script]
  writeFileSync(path, `${lines.join('\n')}\n`)
  chmodSync(path, 0o755)
}

/** As it does where something optional could not be fetched or built: it says nothing, and ends with 0. */
function leavesOut(name: string): void {
  const linked = `mkdir node_modules && ln -s '${root}'/node_modules/* node_modules/`
  program('npm', `${linked} && rm node_modules/${name}`)
}

const parts = ['package.json', 'package-lock.json', '.npmrc']
const folders = ['device', 'protocol', 'keypad-ui', 'scripts', 'systemd']

/** As somebody has it who has just cloned the project. */
function unpack(): void {
  for (const part of [...parts, ...folders]) {
    cpSync(join(root, part), at('source', part), { recursive: true })
  }
}

/** Another version: a number to see, or one that does not come up, or does not stay up. */
function newVersion(version: string, fault?: 'broken' | 'falls'): void {
  const path = at('source/package.json')
  writeFileSync(path, text(path).replace(/"version": ".*"/, `"version": "${version}"`))
  if (fault) writeFileSync(at('source/device', fault), '')
}

function run(script: string, ...args: string[]) {
  // In a group of its own, all of which a power cut ends.
  const { status, stdout, stderr } = spawnSync('setsid', ['--wait', script, ...args], {
    encoding: 'utf8',
    env: { ...process.env, PATH: `${at('programs')}:${process.env['PATH']}`, DESTDIR: system() },
  })
  return { status, said: stdout + stderr }
}
const install = (...args: string[]) => run(at('source/systemd/install'), ...args)
const installed = (name: string, ...args: string[]) =>
  run(system('opt/smart-door/current/systemd', name), ...args)

const pointsTo = (name: string) =>
  existsSync(system('opt/smart-door', name))
    ? readlinkSync(system('opt/smart-door', name)).replace(/^versions\/|-[0-9a-f]{10}$/g, '')
    : null
const notes = () => (existsSync(at('notes')) ? text(at('notes')) : '')
const forgetNotes = () => rmSync(at('notes'), { force: true })
/** As somebody would read it: the last version that systemd has started. */
const running = () => text(at('runs')).replace(/-[0-9a-f]{10}\n$/, '')

describe('installing', () => {
  test('lays down a version that runs, a first config, and a key that nobody else reads', () => {
    const { status, said } = install()
    expect([status, said]).toEqual([0, expect.stringMatching(/Next: sudo smart-door doctor\n$/)])
    expect(pointsTo('current')).toMatch(/^\d+\.\d+\.\d+$/)
    const started = run(system('opt/smart-door/current/scripts/smart-door'), '--version')
    expect(started.said).toMatch(/^smart-door \d/)
    // As the link in /usr/local/bin, which leads to the system's own /opt.
    symlinkSync(system('opt/smart-door/current/scripts/smart-door'), at('programs/smart-door'))
    expect(run(at('programs/smart-door'), '--version')).toEqual(started)
    expect(statSync(system('etc/smart-door/door-key')).mode & 0o777).toBe(0o600)
    expect(text(system('etc/smart-door/door-key'))).toMatch(/^[0-9a-f]{64}$/)
    const { config } = readConfigAndSecrets(system('etc/smart-door/config.json'), {
      CREDENTIALS_DIRECTORY: system('etc/smart-door'),
    })
    expect(config).toMatchObject({ hardware: 'gpio', link: 'none' })
    expect(notes()).toMatch(/systemctl --quiet enable smart-door.service\n(.*\n)*systemctl restart/)
    expect(existsSync(system('etc/systemd/system/smart-door.service'))).toBe(true)
  })

  test('once more changes nothing, and does not lock anybody out by a restart', () => {
    install()
    writeFileSync(system('etc/smart-door/config.json'), '{"mine": true}')
    const key = text(system('etc/smart-door/door-key'))
    forgetNotes()
    const { status, said } = install()
    expect([status, said]).toEqual([0, expect.stringContaining('Nothing had to be done.')])
    expect(notes()).not.toMatch(/restart|npm/)
    expect(text(system('etc/smart-door/config.json'))).toBe('{"mine": true}')
    expect(text(system('etc/smart-door/door-key'))).toBe(key)
  })

  test('puts back a unit that somebody has changed', () => {
    install()
    const unit = system('etc/systemd/system/smart-door.service')
    const before = text(unit)
    writeFileSync(unit, before.replace('ProtectSystem=strict', ''))
    forgetNotes()
    expect(install().status).toBe(0)
    expect(text(unit)).toBe(before)
    expect(notes()).toContain('systemctl restart')
  })

  test('fetches from Debian only what is missing', () => {
    install()
    expect(notes()).not.toContain('apt-get')
    rmSync(at('programs/gpioset'))
    program(
      'apt-get',
      `printf '#!/bin/sh\\n' >"$HERE/programs/gpioset"; chmod +x "$HERE/programs/gpioset"`,
    )
    // Where it is installed on the machine of the tests, it is not missing.
    const isThere = spawnSync('sh', ['-c', 'command -v gpioset']).status === 0
    install()
    expect(notes().includes('--no-install-recommends gpiod')).toBe(!isThere)
  })

  test('is refused on a 32-bit system, in a sentence, before anything is touched', () => {
    program('dpkg', 'echo armhf')
    const { status, said } = install()
    expect([status, said]).toEqual([1, expect.stringContaining('32-bit system (armhf)')])
    expect(said).toContain('Raspberry Pi OS 64-bit')
    expect(readdirSync(system())).toEqual([])
  })

  test('asks for root instead of failing half-way', () => {
    program('id', 'echo 1000')
    const { status, stderr } = spawnSync(at('source/systemd/install'), {
      encoding: 'utf8',
      env: { ...process.env, PATH: `${at('programs')}:${process.env['PATH']}`, DESTDIR: '' },
    })
    expect([status, stderr]).toEqual([1, expect.stringMatching(/please run: sudo .*install\n$/)])
  })

  test('leaves everything as it was when the packages cannot be had', () => {
    writeFileSync(at('no-network'), '')
    const { status, said } = install()
    expect([status, said]).toEqual([1, expect.stringContaining('Nothing was changed')])
    expect(pointsTo('current')).toBeNull()
    expect(readdirSync(system('opt/smart-door/versions'))).toEqual([])
  })
})

describe('what was interrupted or is not as it should be', () => {
  test('a version that does not start any more is laid down anew', () => {
    install()
    const main = system('opt/smart-door/current/device/cli/smart-door.ts')
    writeFileSync(main, 'no program')
    expect(install().status).toBe(0)
    expect(text(main)).toBe(text(join(root, 'device/cli/smart-door.ts')))
  })

  test("an empty config and an empty key were never anybody's", () => {
    mkdirSync(system('etc/smart-door'), { recursive: true })
    for (const name of ['config.json', 'door-key'])
      writeFileSync(system('etc/smart-door', name), '')
    expect(install().status).toBe(0)
    expect(text(system('etc/smart-door/door-key'))).toMatch(/^[0-9a-f]{64}$/)
    expect(text(system('etc/smart-door/config.json'))).toContain('"hardware": "gpio"')
    expect(statSync(system('etc/smart-door/config.json')).mode & 0o777).toBe(0o644)
  })

  test('a disk with too little space is refused before anything is copied', () => {
    program('df', 'printf "Avail\\n204800\\n"')
    const { status, said } = install()
    expect([status, said]).toEqual([1, expect.stringContaining('only 200 MB free')])
    expect(notes()).not.toContain('npm')
    expect(readdirSync(system('opt/smart-door/versions'))).toEqual([])
  })

  test('a disk that is full all the same leaves no half files behind', () => {
    program('install', 'exit 1')
    const { status, said } = install()
    expect([status, said]).toEqual([
      1,
      expect.stringContaining('cannot be written. Is the disk full?'),
    ])
    expect(existsSync(system('etc/systemd/system/smart-door.service'))).toBe(false)
    rmSync(at('programs/install'))
    expect(install().status).toBe(0)
  })

  test('what npm left out, without a word, is no version', () => {
    newVersion('1.0.0')
    leavesOut('aws-iot-device-sdk-v2')
    const { status, said } = install()
    expect([status, said]).toEqual([
      1,
      expect.stringContaining('npm left out aws-iot-device-sdk-v2'),
    ])
    expect(readdirSync(system('opt/smart-door/versions'))).toEqual([])
    // It needs a compiler, and gpioset and gpiomon move pins as well.
    leavesOut('onoff')
    expect(install()).toMatchObject({ status: 0, said: expect.stringContaining('without onoff') })
  })

  test('what is half laid down goes, and two at once are refused', () => {
    mkdirSync(system('opt/smart-door/versions/.1.0.0-0123456789.partial'), { recursive: true })
    program(
      'npm',
      `[ "$(grep -c '^npm' "$HERE/notes")" != 1 ] || '${at('source/systemd/install')}' && exit 1
      ln -s '${root}/node_modules' node_modules`,
    )
    const { status, said } = install()
    expect([status, said]).toEqual([0, expect.stringContaining('another install')])
    expect(readdirSync(system('opt/smart-door/versions'))).toHaveLength(1)
  })

  test('whoever keeps new files to themselves still installs for the daemon too', () => {
    const { status } = run('sh', '-c', `umask 077; exec '${at('source/systemd/install')}'`)
    expect(status).toBe(0)
    for (const path of ['opt/smart-door', 'opt/smart-door/versions', 'etc/smart-door']) {
      expect(statSync(system(path)).mode & 0o777).toBe(0o755)
    }
  })
})

describe('upgrading', () => {
  beforeEach(() => {
    newVersion('1.0.0')
    install()
  })

  test('keeps the version before, and nothing older', () => {
    newVersion('2.0.0')
    install()
    newVersion('3.0.0')
    expect(install().status).toBe(0)
    expect([pointsTo('current'), pointsTo('previous')]).toEqual(['3.0.0', '2.0.0'])
    expect(readdirSync(system('opt/smart-door/versions'))).toHaveLength(2)
  })

  test('to a version that does not come up leaves the old one running', () => {
    newVersion('2.0.0', 'broken')
    forgetNotes()
    const { status, said } = install()
    expect(status).toBe(1)
    expect(said).toMatch(/version 2\.0\.0-\w+ did not come up, so 1\.0\.0-\w+ runs again/)
    expect([pointsTo('current'), pointsTo('previous')]).toEqual(['1.0.0', null])
    expect(notes().match(/systemctl restart/g)).toHaveLength(2)
    expect(running()).toBe('1.0.0')
  })

  test('to a version that comes up and falls over leaves the old one running', () => {
    newVersion('2.0.0', 'falls')
    expect(install().said).toMatch(/version 2\.0\.0-\w+ did not come up, so 1\.0\.0-\w+ runs again/)
    expect([pointsTo('current'), running()]).toEqual(['1.0.0', '1.0.0'])
  })

  test('says so when the old one does not come up again either', () => {
    const old = readlinkSync(system('opt/smart-door/current'))
    writeFileSync(system('opt/smart-door', old, 'device/broken'), '')
    newVersion('2.0.0', 'broken')
    expect(install().said).toMatch(/neither version 2\.0\.0-\w+ nor 1\.0\.0-\w+ comes up/)
  })

  test('keeps a version only once it has reached the disk', () => {
    newVersion('2.0.0')
    forgetNotes()
    install()
    const called = notes()
      .split('\n')
      .map((line) => line.replaceAll(system(), ''))
    const synced = called.findIndex((line) =>
      /^sync -f \S+versions\/\.2\.0\.0-\w+\.partial$/.test(line),
    )
    const moved = called.findIndex((line) => /^mv -T \S+versions\/\.2\.0\.0/.test(line))
    expect([synced > 0, moved > synced]).toEqual([true, true])
    const last = called.findIndex((line) =>
      line.endsWith('smart-door/.previous /opt/smart-door/previous'),
    )
    expect(called[last + 1]).toBe('sync -f /opt/smart-door')
  })

  /** What is on the card then, and what systemd would start when the power is back. */
  function cutAt(call: string, script: () => { status: number | null }) {
    forgetNotes()
    writeFileSync(at('cut'), call)
    const { status } = script()
    rmSync(at('cut'))
    rmSync(system('run'), { recursive: true, force: true })
    expect(text(system('etc/systemd/system/smart-door.service'))).toMatch(/^ExecStart=\/opt/m)
    expect(existsSync(system('opt/smart-door/current/scripts/smart-door'))).toBe(true)
    return status === null ? pointsTo('current') : 'it had come to its end before'
  }

  test.each(['npm', 'sync -f', 'systemctl restart'])(
    'goes on with the old one after a power cut (%s), and is done once more',
    (call) => {
      newVersion('2.0.0')
      expect(cutAt(`[0-9]* ${call}`, install)).toBe('1.0.0')
      expect(install().status).toBe(0)
      expect([pointsTo('current'), pointsTo('previous'), running()]).toEqual([
        '2.0.0',
        '1.0.0',
        '2.0.0',
      ])
      expect(readdirSync(system('opt/smart-door/versions'))).toHaveLength(2)
    },
  )

  test.each(['works', 'broken'])('never changes over to what has not come up (%s)', (kind) => {
    newVersion('2.0.0')
    install()
    if (kind === 'broken') {
      const old = readlinkSync(system('opt/smart-door/previous'))
      writeFileSync(system('opt/smart-door', old, 'device/broken'), '')
    }
    const found: (string | null)[] = []
    for (let step = 1; found.at(-1) === '2.0.0' || step === 1; step += 1) {
      found.push(cutAt(`${step} `, () => installed('rollback')))
    }
    expect(found.length).toBeGreaterThan(kind === 'broken' ? 10 : 5)
    expect(found.at(-1)).toBe(kind === 'broken' ? 'it had come to its end before' : '1.0.0')
    expect(running()).toBe(kind === 'broken' ? '2.0.0' : '1.0.0')
  })

  test('without a network leaves the old one running', () => {
    newVersion('2.0.0')
    writeFileSync(at('no-network'), '')
    forgetNotes()
    expect(install().status).toBe(1)
    expect(pointsTo('current')).toBe('1.0.0')
    expect(notes()).not.toContain('restart')
  })

  test('can be taken back, and taken back again', () => {
    newVersion('2.0.0')
    install()
    expect(installed('rollback').said).toMatch(/Version 1\.0\.0-\w+ runs, instead of 2\.0\.0/)
    expect([pointsTo('current'), pointsTo('previous')]).toEqual(['1.0.0', '2.0.0'])
    expect(installed('rollback').status).toBe(0)
    expect([pointsTo('current'), pointsTo('previous')]).toEqual(['2.0.0', '1.0.0'])
  })

  test('cannot be taken back to nothing, nor to what does not come up', () => {
    expect(installed('rollback').said).toContain('no earlier version to go back to')
    newVersion('2.0.0')
    install()
    const old = readlinkSync(system('opt/smart-door/previous'))
    writeFileSync(system('opt/smart-door', old, 'device/broken'), '')
    const { status, said } = installed('rollback')
    expect([status, said]).toEqual([1, expect.stringContaining('so 2.0.0')])
    expect([pointsTo('current'), pointsTo('previous')]).toEqual(['2.0.0', '1.0.0'])
  })
})

describe('uninstalling', () => {
  beforeEach(() => {
    install()
    mkdirSync(system('var/lib/smart-door'), { recursive: true })
    writeFileSync(system('var/lib/smart-door/door.sqlite'), 'codes that were used')
  })

  test('takes the programs away and leaves what belongs to the owner', () => {
    expect(installed('uninstall').status).toBe(0)
    expect(existsSync(system('opt/smart-door'))).toBe(false)
    expect(readdirSync(system('etc/systemd/system'))).toEqual([])
    expect(existsSync(system('var/lib/smart-door/door.sqlite'))).toBe(true)
    expect(existsSync(system('etc/smart-door/door-key'))).toBe(true)
    expect(notes()).toContain('systemctl --quiet disable --now smart-door.service')
    expect(install().status).toBe(0)
  })

  test('takes everything away when asked to', () => {
    expect(installed('uninstall', '--with-date').status).toBe(1)
    expect(installed('uninstall', '--with-data').status).toBe(0)
    expect(existsSync(system('var/lib/smart-door'))).toBe(false)
    expect(existsSync(system('etc/smart-door'))).toBe(false)
  })
})
