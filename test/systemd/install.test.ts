/**
 * The installer, in a folder that stands for the whole system. Small programs replace what would
 * change the machine that runs the tests: systemctl, apt-get, npm's download.
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
import { afterAll, afterEach, beforeEach, describe, expect, test } from 'vitest'
import { readConfigAndSecrets } from '../../device/config/config.ts'

const root = join(import.meta.dirname, '../..')
let folder: string
const at = (...path: string[]) => join(folder, ...path)
const system = (...path: string[]) => at('system', ...path)
const text = (path: string) => readFileSync(path, 'utf8')

// ---------------------------------------------------------------- what a test begins with

/** Unpacking and installing take seconds, so each is done once, and every test gets a copy. */
const stages = {
  unpacked() {
    mkdirSync(at('programs'))
    mkdirSync(at('system'))
    for (const name of harmless) program(name)
    for (const name of ['mv', 'rm', 'ln']) program(name, `exec /usr/bin/${name} "$@"`)
    program('npm', `[ ! -e "$HERE/no-network" ] && ln -s '${root}/node_modules' node_modules`)
    program('systemctl', systemctl)
    for (const part of parts) {
      cpSync(join(root, part), at('source', part), { recursive: true })
    }
  },
  installed() {
    startWith('unpacked')
    newVersion('1.0.0')
    expect(install().status).toBe(0)
  },
  upgraded() {
    startWith('installed')
    newVersion('2.0.0')
    expect(install().status).toBe(0)
  },
}
type Stage = keyof typeof stages
const made = new Map<Stage, string>()

function startWith(stage: Stage): void {
  const target = folder
  if (!made.has(stage)) {
    folder = mkdtempSync(join(tmpdir(), `install-${stage}-`))
    made.set(stage, folder)
    stages[stage]()
  }
  rmSync(target, { recursive: true })
  spawnSync('cp', ['-a', made.get(stage) ?? '', target])
  folder = target
}

beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'install-'))
})
afterEach(() => rmSync(folder, { recursive: true }))
afterAll(() => {
  for (const stage of made.values()) rmSync(stage, { recursive: true })
})

const parts = [
  ...['package.json', 'package-lock.json', '.npmrc'],
  ...['device', 'protocol', 'terminal', 'keypad-ui', 'scripts', 'systemd'],
]
const harmless = [
  ...['apt-get', 'systemd-sysusers', 'systemd-tmpfiles', 'udevadm', 'curl', 'node', 'g++', 'make'],
  ...['python3', 'gpioset', 'ffmpeg', 'sleep', 'sync'],
]

/**
 * Starts what a unit below /run names, else what `current` points to. The file `broken` in a version
 * makes its daemon fail at the start, the file `falls` a little later.
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

/** Every program notes its call. The file `cut` says at which call, by number or name, the power fails. */
const powerCut = `
[ ! -e "$HERE/cut" ] || case "$(grep -c . "$HERE/notes") $(tail -n 1 "$HERE/notes")" in
  $(cat "$HERE/cut")*) kill -KILL 0 ;;
esac`

function program(name: string, script = 'true'): void {
  const path = at('programs', name)
  const note = `echo "${name} $*" >>"$HERE/notes"`
  writeFileSync(path, `${['#!/bin/sh', note, powerCut, script].join('\n')}\n`)
  chmodSync(path, 0o755)
}

/** As npm does where an optional package could not be fetched or built: it exits with 0. */
function leavesOut(name: string): void {
  const linked = `mkdir node_modules && ln -s '${root}'/node_modules/* node_modules/`
  program('npm', `${linked} && rm node_modules/${name}`)
}

function newVersion(version: string, fault?: 'broken' | 'falls'): void {
  const path = at('source/package.json')
  writeFileSync(path, text(path).replace(/"version": ".*"/, `"version": "${version}"`))
  if (fault) writeFileSync(at('source/device', fault), '')
}

const environment = (destination: string) => ({
  ...process.env,
  PATH: `${at('programs')}:${process.env['PATH']}`,
  HERE: folder,
  DESTDIR: destination,
})

function run(script: string, ...args: string[]) {
  // In a process group of its own, all of which a power cut kills.
  const { status, stdout, stderr } = spawnSync('setsid', ['--wait', script, ...args], {
    encoding: 'utf8',
    env: environment(system()),
  })
  return { status, output: stdout + stderr }
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
/** The version that systemd started last. */
const running = () => text(at('runs')).replace(/-[0-9a-f]{10}\n$/, '')

describe('installing', () => {
  beforeEach(() => startWith('unpacked'))

  test('creates a version that runs, a first config, and a key that only the door can read', () => {
    const { status, output } = install()
    expect([status, output]).toEqual([0, expect.stringMatching(/Next: sudo smart-door doctor\n$/)])
    expect(pointsTo('current')).toMatch(/^\d+\.\d+\.\d+$/)
    const started = run(system('opt/smart-door/current/scripts/smart-door'), '--version')
    expect(started.output).toMatch(/^smart-door \d/)
    // Through a link, as in /usr/local/bin.
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

  test('again changes nothing, and does not restart the door', () => {
    install()
    writeFileSync(system('etc/smart-door/config.json'), '{"mine": true}')
    const key = text(system('etc/smart-door/door-key'))
    forgetNotes()
    const { status, output } = install()
    expect([status, output]).toEqual([0, expect.stringContaining('Nothing was changed.')])
    expect(notes()).not.toMatch(/restart|npm/)
    expect(text(system('etc/smart-door/config.json'))).toBe('{"mine": true}')
    expect(text(system('etc/smart-door/door-key'))).toBe(key)
  })

  test('restores a unit that was changed', () => {
    install()
    const unit = system('etc/systemd/system/smart-door.service')
    const before = text(unit)
    writeFileSync(unit, before.replace('ProtectSystem=strict', ''))
    forgetNotes()
    expect(install().status).toBe(0)
    expect(text(unit)).toBe(before)
    expect(notes()).toContain('systemctl restart')
  })

  test('installs only the missing Debian packages', () => {
    install()
    expect(notes()).not.toContain('apt-get')
    rmSync(at('programs/gpioset'))
    program(
      'apt-get',
      `printf '#!/bin/sh\\n' >"$HERE/programs/gpioset"; chmod +x "$HERE/programs/gpioset"`,
    )
    // The machine that runs the tests may have it.
    const isThere = spawnSync('sh', ['-c', 'command -v gpioset']).status === 0
    install()
    expect(notes().includes('--no-install-recommends gpiod')).toBe(!isThere)
  })

  test('is refused on a 32-bit system, before anything is changed', () => {
    program('dpkg', 'echo armhf')
    const { status, output } = install()
    expect([status, output]).toEqual([1, expect.stringContaining('32-bit system (armhf)')])
    expect(output).toContain('Raspberry Pi OS 64-bit')
    expect(readdirSync(system())).toEqual([])
  })

  test('asks for root before it changes anything', () => {
    program('id', 'echo 1000')
    const { status, stderr } = spawnSync(at('source/systemd/install'), {
      encoding: 'utf8',
      env: environment(''),
    })
    expect([status, stderr]).toEqual([1, expect.stringMatching(/please run: sudo .*install\n$/)])
  })

  test('changes nothing if the packages cannot be fetched', () => {
    writeFileSync(at('no-network'), '')
    const { status, output } = install()
    expect([status, output]).toEqual([1, expect.stringContaining('Nothing was changed')])
    expect(pointsTo('current')).toBeNull()
    expect(readdirSync(system('opt/smart-door/versions'))).toEqual([])
  })
})

describe('installing where something is broken', () => {
  beforeEach(() => startWith('unpacked'))

  test('a version that no longer starts is installed again', () => {
    install()
    const main = system('opt/smart-door/current/device/cli/smart-door.ts')
    writeFileSync(main, 'no program')
    expect(install().status).toBe(0)
    expect(text(main)).toBe(text(join(root, 'device/cli/smart-door.ts')))
  })

  test('an empty config and an empty key are written again', () => {
    mkdirSync(system('etc/smart-door'), { recursive: true })
    for (const name of ['config.json', 'door-key'])
      writeFileSync(system('etc/smart-door', name), '')
    expect(install().status).toBe(0)
    expect(text(system('etc/smart-door/door-key'))).toMatch(/^[0-9a-f]{64}$/)
    expect(text(system('etc/smart-door/config.json'))).toContain('"hardware": "gpio"')
    expect(statSync(system('etc/smart-door/config.json')).mode & 0o777).toBe(0o644)
  })

  test('too little disk space is reported before anything is copied', () => {
    program('df', 'printf "Avail\\n204800\\n"')
    const { status, output } = install()
    expect([status, output]).toEqual([1, expect.stringContaining('only 200 MB free')])
    expect(notes()).not.toContain('npm')
    expect(readdirSync(system('opt/smart-door/versions'))).toEqual([])
  })

  test('a full disk leaves no partial files', () => {
    program('install', 'exit 1')
    const { status, output } = install()
    expect([status, output]).toEqual([
      1,
      expect.stringContaining('cannot be written. Is the disk full?'),
    ])
    expect(existsSync(system('etc/systemd/system/smart-door.service'))).toBe(false)
    rmSync(at('programs/install'))
    expect(install().status).toBe(0)
  })

  test('a package that npm silently left out is noticed', () => {
    newVersion('1.0.0')
    leavesOut('aws-iot-device-sdk-v2')
    const { status, output } = install()
    expect([status, output]).toEqual([
      1,
      expect.stringContaining('npm left out aws-iot-device-sdk-v2'),
    ])
    expect(readdirSync(system('opt/smart-door/versions'))).toEqual([])
    // onoff needs a compiler; gpioset and gpiomon can replace it.
    leavesOut('onoff')
    expect(install()).toMatchObject({
      status: 0,
      output: expect.stringContaining('onoff could not be built'),
    })
  })

  test('an incomplete version is removed, and two installations at once are refused', () => {
    mkdirSync(system('opt/smart-door/versions/.1.0.0-0123456789.partial'), { recursive: true })
    program(
      'npm',
      `[ "$(grep -c '^npm' "$HERE/notes")" != 1 ] || '${at('source/systemd/install')}' && exit 1
      ln -s '${root}/node_modules' node_modules`,
    )
    const { status, output } = install()
    expect([status, output]).toEqual([0, expect.stringContaining('another install')])
    expect(readdirSync(system('opt/smart-door/versions'))).toHaveLength(1)
  })

  test('a strict umask does not hide the files from the daemon', () => {
    const { status } = run('sh', '-c', `umask 077; exec '${at('source/systemd/install')}'`)
    expect(status).toBe(0)
    for (const path of ['opt/smart-door', 'opt/smart-door/versions', 'etc/smart-door']) {
      expect(statSync(system(path)).mode & 0o777).toBe(0o755)
    }
  })
})

describe('upgrading', () => {
  beforeEach(() => startWith('installed'))

  test('keeps the version before, and none older', () => {
    startWith('upgraded')
    newVersion('3.0.0')
    expect(install().status).toBe(0)
    expect([pointsTo('current'), pointsTo('previous')]).toEqual(['3.0.0', '2.0.0'])
    expect(readdirSync(system('opt/smart-door/versions'))).toHaveLength(2)
  })

  test('to a version that does not start leaves the old one running', () => {
    newVersion('2.0.0', 'broken')
    forgetNotes()
    const { status, output } = install()
    expect(status).toBe(1)
    expect(output).toMatch(/version 2\.0\.0-\w+ did not start, so 1\.0\.0-\w+ runs again/)
    expect([pointsTo('current'), pointsTo('previous')]).toEqual(['1.0.0', null])
    expect(notes().match(/systemctl restart/g)).toHaveLength(2)
    expect(running()).toBe('1.0.0')
  })

  test('to a version that starts and then fails leaves the old one running', () => {
    newVersion('2.0.0', 'falls')
    expect(install().output).toMatch(/version 2\.0\.0-\w+ did not start, so 1\.0\.0-\w+ runs again/)
    expect([pointsTo('current'), running()]).toEqual(['1.0.0', '1.0.0'])
  })

  test('reports that the old version does not start again either', () => {
    const old = readlinkSync(system('opt/smart-door/current'))
    writeFileSync(system('opt/smart-door', old, 'device/broken'), '')
    newVersion('2.0.0', 'broken')
    expect(install().output).toMatch(/neither version 2\.0\.0-\w+ nor 1\.0\.0-\w+ starts/)
  })

  test('keeps a version only once it is synced to the disk', () => {
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

  /** Cuts the power at a call; returns the version that systemd would start after it. */
  function cutAt(call: string, script: () => { status: number | null }) {
    forgetNotes()
    writeFileSync(at('cut'), call)
    const { status } = script()
    rmSync(at('cut'))
    rmSync(system('run'), { recursive: true, force: true })
    expect(text(system('etc/systemd/system/smart-door.service'))).toMatch(/^ExecStart=\/opt/m)
    expect(existsSync(system('opt/smart-door/current/scripts/smart-door'))).toBe(true)
    return status === null ? pointsTo('current') : 'not cut: it had ended before'
  }

  test.each(['npm', 'sync -f', 'systemctl restart'])(
    'leaves the old one running after a power cut (%s), and can be repeated',
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

  test.each(['works', 'broken'])(
    'never switches to a version that has not started (%s)',
    (kind) => {
      startWith('upgraded')
      if (kind === 'broken') {
        const old = readlinkSync(system('opt/smart-door/previous'))
        writeFileSync(system('opt/smart-door', old, 'device/broken'), '')
      }
      const found: (string | null)[] = []
      for (let step = 1; found.at(-1) === '2.0.0' || step === 1; step += 1) {
        found.push(cutAt(`${step} `, () => installed('rollback')))
      }
      expect(found.length).toBeGreaterThan(kind === 'broken' ? 10 : 5)
      expect(found.at(-1)).toBe(kind === 'broken' ? 'not cut: it had ended before' : '1.0.0')
      expect(running()).toBe(kind === 'broken' ? '2.0.0' : '1.0.0')
    },
  )

  test('without a network leaves the old one running', () => {
    newVersion('2.0.0')
    writeFileSync(at('no-network'), '')
    forgetNotes()
    expect(install().status).toBe(1)
    expect(pointsTo('current')).toBe('1.0.0')
    expect(notes()).not.toContain('restart')
  })

  test('can be rolled back, and forward again', () => {
    startWith('upgraded')
    expect(installed('rollback').output).toMatch(/Version 1\.0\.0-\w+ now runs instead of 2\.0\.0/)
    expect([pointsTo('current'), pointsTo('previous')]).toEqual(['1.0.0', '2.0.0'])
    expect(installed('rollback').status).toBe(0)
    expect([pointsTo('current'), pointsTo('previous')]).toEqual(['2.0.0', '1.0.0'])
  })

  test('cannot be rolled back to nothing, nor to a version that does not start', () => {
    expect(installed('rollback').output).toContain('there is no earlier version')
    startWith('upgraded')
    const old = readlinkSync(system('opt/smart-door/previous'))
    writeFileSync(system('opt/smart-door', old, 'device/broken'), '')
    const { status, output } = installed('rollback')
    expect([status, output]).toEqual([1, expect.stringContaining('so 2.0.0')])
    expect([pointsTo('current'), pointsTo('previous')]).toEqual(['2.0.0', '1.0.0'])
  })
})

describe('uninstalling', () => {
  beforeEach(() => {
    startWith('installed')
    mkdirSync(system('var/lib/smart-door'), { recursive: true })
    writeFileSync(system('var/lib/smart-door/door.sqlite'), 'codes that were used')
  })

  test('removes the programs and keeps config, key and data', () => {
    expect(installed('uninstall').status).toBe(0)
    expect(existsSync(system('opt/smart-door'))).toBe(false)
    expect(readdirSync(system('etc/systemd/system'))).toEqual([])
    expect(existsSync(system('var/lib/smart-door/door.sqlite'))).toBe(true)
    expect(existsSync(system('etc/smart-door/door-key'))).toBe(true)
    expect(notes()).toContain('systemctl --quiet disable --now smart-door.service')
    expect(install().status).toBe(0)
  })

  test('--with-data removes everything', () => {
    expect(installed('uninstall', '--with-date').status).toBe(1)
    expect(installed('uninstall', '--with-data').status).toBe(0)
    expect(existsSync(system('var/lib/smart-door'))).toBe(false)
    expect(existsSync(system('etc/smart-door'))).toBe(false)
  })
})
