/**
 * The installer, in a folder that stands for the whole system. Small programs replace what would
 * change the machine that runs the tests: systemctl, apt-get, npm's download.
 */
import { spawnSync } from 'node:child_process'
import {
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
import { isProof, runs, testProof } from '../support/effort.ts'

const root = join(import.meta.dirname, '../..')
let folder: string
const at = (...path: string[]) => join(folder, ...path)
const system = (...path: string[]) => at('system', ...path)
const text = (path: string) => readFileSync(path, 'utf8')

// ---------------------------------------------------------------- what a test begins with

/** Each is made once, and every test gets a copy. */
const stages = {
  /** The real sources. */
  unpacked() {
    prepareSystem()
    for (const part of parts) {
      cpSync(join(root, part), at('source', part), { recursive: true })
    }
  },
  /** The real installer; its sources are few, and start without Node, which takes most of the time. */
  small() {
    prepareSystem()
    for (const part of ['package.json', 'package-lock.json', '.npmrc', 'systemd']) {
      cpSync(join(root, part), at('source', part), { recursive: true })
    }
    for (const part of ['device', 'protocol', 'terminal', 'keypad-ui', 'scripts']) {
      mkdirSync(at('source', part))
    }
    writeFileSync(at('source/scripts/smart-door'), startsWithoutNode, { mode: 0o755 })
  },
  installed() {
    startWith('small')
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

function prepareSystem(): void {
  mkdirSync(at('programs'))
  mkdirSync(at('system'))
  for (const name of harmless) program(name)
  program('npm', `[ ! -e "$HERE/no-network" ] && ln -s '${root}/node_modules' node_modules`)
  writeFileSync(at('functions'), Object.entries(replaced).map(bashFunction).join('\n'))
}

const startsWithoutNode = `#!/bin/sh
case "$*" in
  --version) echo 'smart-door 1.0.0' ;;
  'config example') echo '{ "hardware": "gpio" }' ;;
  *) exit 1 ;;
esac
`

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
const harmless = [...['apt-get', 'curl', 'node', 'g++', 'make', 'python3', 'gpioset', 'ffmpeg']]

/**
 * Starts what a unit below /run names, else what `current` points to. The file `broken` in a version
 * makes its daemon fail at the start, the file `falls` a little later; with the file `limps` the daemon
 * only lets people out.
 */
const systemctl = `
trial="$DESTDIR/run/systemd/system.control/smart-door.service" path=current
[ ! -e "$trial" ] || path=$(sed -n 's|^ExecStart=/opt/smart-door/\\(.*\\)/scripts/.*|\\1|p' "$trial")
path="$DESTDIR/opt/smart-door/$path"
case "$1" in
  restart)
    command rm -rf "$DESTDIR/run/smart-door"
    [ ! -e "$path/device/limps" ] || install -D /dev/null "$DESTDIR/run/smart-door/egress-only"
    [ ! -e "$path/device/broken" ] && basename "$(readlink -f "$path")" >"$HERE/runs" ;;
  show) [ ! -e "$path/device/falls" ] && echo same || date +%N ;;
esac`

/** Functions of the scripts' own shell, because a shell for each call takes most of the time. */
const replaced = {
  ...{ mv: 'command mv "$@"', rm: 'command rm "$@"', ln: 'command ln "$@"', systemctl },
  ...{ sleep: 'true', sync: 'true', udevadm: 'true' },
  ...{ 'systemd-sysusers': 'true', 'systemd-tmpfiles': 'true' },
}

/** Every program notes its call. The file `cut` says at which call, by number or name, the power fails. */
const noteCall = (name: string) => `
echo "${name} $*" >>"$HERE/notes"
if [ -e "$HERE/cut" ]; then
  calls=0
  while read -r call; do calls=$((calls + 1)) last=$call; done <"$HERE/notes"
  IFS= read -r cut <"$HERE/cut"
  case "$calls $last" in $cut*) kill -KILL 0 ;; esac
fi`

const bashFunction = ([name, script]: [string, string]): string =>
  `${name}() { local trial path calls call last cut${noteCall(name)}\n${script}\n}`

function program(name: string, script = 'true'): void {
  writeFileSync(at('programs', name), `#!/bin/sh${noteCall(name)}\n${script}\n`, { mode: 0o755 })
}

/** As npm does where an optional package could not be fetched or built: it exits with 0. */
function leavesOut(name: string): void {
  const linked = `mkdir node_modules && ln -s '${root}'/node_modules/* node_modules/`
  program('npm', `${linked} && rm node_modules/${name}`)
}

function newVersion(version: string, fault?: 'broken' | 'falls' | 'limps'): void {
  const path = at('source/package.json')
  writeFileSync(path, text(path).replace(/"version": ".*"/, `"version": "${version}"`))
  if (fault) writeFileSync(at('source/device', fault), '')
}

const environment = (destination: string) => ({
  ...process.env,
  PATH: `${at('programs')}:${process.env['PATH']}`,
  HERE: folder,
  BASH_ENV: at('functions'),
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
  beforeEach(() => startWith('small'))

  test('creates a version that runs, a first config, and a key that only the door can read', () => {
    startWith('unpacked')
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
    startWith('installed')
    writeFileSync(system('etc/smart-door/config.json'), '{"mine": true}')
    const key = text(system('etc/smart-door/door-key'))
    forgetNotes()
    const { status, output } = install()
    expect([status, output]).toEqual([0, expect.stringContaining('Nothing was changed.')])
    expect(notes()).not.toMatch(/restart|npm/)
    expect(text(system('etc/smart-door/config.json'))).toBe('{"mine": true}')
    expect(text(system('etc/smart-door/door-key'))).toBe(key)
  })

  testProof('restores a unit that was changed', () => {
    startWith('installed')
    const unit = system('etc/systemd/system/smart-door.service')
    const before = text(unit)
    writeFileSync(unit, before.replace('ProtectSystem=strict', ''))
    forgetNotes()
    expect(install().status).toBe(0)
    expect(text(unit)).toBe(before)
    expect(notes()).toContain('systemctl restart')
  })

  test('installs only the missing Debian packages', () => {
    startWith('installed')
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
})

describe('installing where something is broken', () => {
  beforeEach(() => startWith('small'))

  testProof('a version that no longer starts is installed again', () => {
    startWith('installed')
    const program = system('opt/smart-door/current/scripts/smart-door')
    writeFileSync(program, 'no program')
    expect(install().status).toBe(0)
    expect(text(program)).toBe(startsWithoutNode)
  })

  testProof('an empty config and an empty key are written again', () => {
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

  testProof('a full disk leaves no partial files', () => {
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

  testProof('a package that npm silently left out is noticed', () => {
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

  testProof('an incomplete version is removed, and two installations at once are refused', () => {
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

  testProof('a strict umask does not hide the files from the daemon', () => {
    const { status } = run('sh', '-c', `umask 077; exec '${at('source/systemd/install')}'`)
    expect(status).toBe(0)
    for (const path of ['opt/smart-door', 'opt/smart-door/versions', 'etc/smart-door']) {
      expect(statSync(system(path)).mode & 0o777).toBe(0o755)
    }
  })
})

describe('upgrading', () => {
  beforeEach(() => startWith('installed'))

  testProof(
    'keeps the version before, and none older; each only once it is synced to the disk',
    () => {
      startWith('upgraded')
      newVersion('3.0.0')
      forgetNotes()
      expect(install().status).toBe(0)
      expect([pointsTo('current'), pointsTo('previous')]).toEqual(['3.0.0', '2.0.0'])
      expect(readdirSync(system('opt/smart-door/versions'))).toHaveLength(2)
      const called = notes()
        .split('\n')
        .map((line) => line.replaceAll(system(), ''))
      const synced = called.findIndex((line) =>
        /^sync -f \S+versions\/\.3\.0\.0-\w+\.partial$/.test(line),
      )
      const moved = called.findIndex((line) => /^mv -T \S+versions\/\.3\.0\.0/.test(line))
      expect([synced > 0, moved > synced]).toEqual([true, true])
      const last = called.findIndex((line) =>
        line.endsWith('smart-door/.previous /opt/smart-door/previous'),
      )
      expect(called[last + 1]).toBe('sync -f /opt/smart-door')
    },
  )

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

  test.each(['falls', 'limps'] as const)(
    'to a version that starts and then %s leaves the old one running',
    (fault) => {
      newVersion('2.0.0', fault)
      expect(install().output).toMatch(
        /version 2\.0\.0-\w+ did not start, so 1\.0\.0-\w+ runs again/,
      )
      expect([pointsTo('current'), running()]).toEqual(['1.0.0', '1.0.0'])
    },
  )

  testProof('reports that the old version does not start again either', () => {
    const old = readlinkSync(system('opt/smart-door/current'))
    writeFileSync(system('opt/smart-door', old, 'device/broken'), '')
    newVersion('2.0.0', 'broken')
    expect(install().output).toMatch(/neither version 2\.0\.0-\w+ nor 1\.0\.0-\w+ starts/)
  })

  /** Cuts the power at a call; returns the version that systemd would start after it. */
  function cutAt(call: string, script: () => { status: number | null }) {
    forgetNotes()
    writeFileSync(at('cut'), `${call}\n`)
    const { status } = script()
    rmSync(at('cut'))
    rmSync(system('run'), { recursive: true, force: true })
    expect(text(system('etc/systemd/system/smart-door.service'))).toMatch(/^ExecStart=\/opt/m)
    expect(existsSync(system('opt/smart-door/current/scripts/smart-door'))).toBe(true)
    return status === null ? pointsTo('current') : 'not cut: it had ended before'
  }

  const calls = ['npm', 'sync -f', 'systemctl restart']
  test.each(isProof ? calls : calls.slice(-1))(
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

  test.each(isProof ? ['works', 'broken'] : ['works'])(
    'never switches to a version that has not started (%s)',
    (kind) => {
      startWith('upgraded')
      if (kind === 'broken') {
        const old = readlinkSync(system('opt/smart-door/previous'))
        writeFileSync(system('opt/smart-door', old, 'device/broken'), '')
      }
      const found: (string | null)[] = []
      for (let step = 1; found.at(-1) === '2.0.0' || step === 1; step += runs(2, 1)) {
        found.push(cutAt(`${step} `, () => installed('rollback')))
      }
      expect(found.length).toBeGreaterThan(kind === 'broken' ? 10 : runs(2, 5))
      expect(found.at(-1)).toBe(kind === 'broken' ? 'not cut: it had ended before' : '1.0.0')
      expect(running()).toBe(kind === 'broken' ? '2.0.0' : '1.0.0')
    },
  )

  test('without a network leaves the old one running', () => {
    newVersion('2.0.0')
    writeFileSync(at('no-network'), '')
    forgetNotes()
    const { status, output } = install()
    expect([status, output]).toEqual([1, expect.stringContaining('Nothing was changed')])
    expect(pointsTo('current')).toBe('1.0.0')
    expect(readdirSync(system('opt/smart-door/versions'))).toHaveLength(1)
    expect(notes()).not.toContain('restart')
  })

  test('can be rolled back, and forward again', () => {
    startWith('upgraded')
    expect(installed('rollback').output).toMatch(/Version 1\.0\.0-\w+ now runs instead of 2\.0\.0/)
    expect([pointsTo('current'), pointsTo('previous')]).toEqual(['1.0.0', '2.0.0'])
    expect(installed('rollback').status).toBe(0)
    expect([pointsTo('current'), pointsTo('previous')]).toEqual(['2.0.0', '1.0.0'])
  })

  testProof('cannot be rolled back to nothing, nor to a version that does not start', () => {
    expect(installed('rollback').output).toContain('there is no earlier version')
    startWith('upgraded')
    const old = readlinkSync(system('opt/smart-door/previous'))
    writeFileSync(system('opt/smart-door', old, 'device/broken'), '')
    const { status, output } = installed('rollback')
    expect([status, output]).toEqual([1, expect.stringContaining('so 2.0.0')])
    expect([pointsTo('current'), pointsTo('previous')]).toEqual(['2.0.0', '1.0.0'])
  })
})

describe('nightly updates', () => {
  beforeEach(() => startWith('installed'))
  const url = 'https://example.com/smart-door.tar.gz'

  test('are switched on with an address, and off', () => {
    writeFileSync(system('etc/smart-door/release-key.pem'), 'a key')
    expect(existsSync(system('etc/systemd/system/smart-door-update.timer'))).toBe(true)
    expect(notes()).not.toMatch(/systemctl .*smart-door-update.timer/)
    expect(installed('nightly-updates', url).status).toBe(0)
    expect(text(system('etc/smart-door/update-url'))).toBe(`${url}\n`)
    expect(notes()).toContain('systemctl --quiet enable --now smart-door-update.timer')
    expect(installed('nightly-updates', 'off').status).toBe(0)
    expect(existsSync(system('etc/smart-door/update-url'))).toBe(false)
    expect(notes()).toContain('systemctl --quiet disable --now smart-door-update.timer')
  })

  test('need an address, and the key of the releases', () => {
    expect(installed('nightly-updates').output).toContain('which address?')
    expect(installed('nightly-updates', url).output).toContain('release-key.pem')
    expect(existsSync(system('etc/smart-door/update-url'))).toBe(false)
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
