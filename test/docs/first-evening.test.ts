/**
 * docs/first-evening.md, carried out: its commands in its order, at a computer whose pins are files. What
 * cannot be done here is listed, with the reason.
 */
import { spawnSync } from 'node:child_process'
import {
  copyFileSync,
  existsSync,
  mkdirSync,
  mkdtempSync,
  readFileSync,
  rmSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, expect, test, vi } from 'vitest'
import { allSettings, configSchema, exampleConfig } from '../../device/config/settings.ts'
import { freePort } from '../../simulation/door/free-port.ts'
import { testProof } from '../support/effort.ts'
import { root } from '../support/project-files.ts'

const evening = readFileSync(join(root, 'docs/first-evening.md'), 'utf8')
const blocks = [...evening.matchAll(/^```(sh|json)\n([\s\S]*?)^```$/gm)].map(
  ([, kind, content = '']) => ({ kind, content }),
)

let folder: string
let port: number
/** Where the next command runs: at first on the owner's computer. */
let place = root
const at = (...names: string[]) => join(folder, ...names)
const configPath = () => at('config.json')

beforeAll(async () => {
  folder = mkdtempSync(join(tmpdir(), 'first-evening-'))
  port = await freePort(0)
  for (const name of ['programs', 'home', 'run', 'data']) mkdirSync(at(name))
  for (const [name, script] of Object.entries(programs)) program(name, script)
  for (const name of ['gpiodetect', 'gpioget', 'gpiomon', 'gpioset']) {
    copyFileSync(join(root, 'test/support/hardware/fake-gpiod.sh'), at('programs', name))
  }
  writeFileSync(at('programs/version'), '2')
  for (const bcm of [22, 23, 24]) drive(bcm, 1)
})
afterAll(() => {
  run('systemctl stop smart-door')
  rmSync(folder, { recursive: true })
})

const program = (name: string, script: string) =>
  writeFileSync(at('programs', name), `#!/bin/bash\n${script}`, { mode: 0o755 })

const programs = {
  // What is being worked on, committed or not.
  git: `cd '${root}' && /usr/bin/git ls-files -z -co --exclude-standard |
    tar c --null --ignore-failed-read -T - 2>/dev/null`,
  ssh: 'cd "$HOME" && [ $# = 1 ] || exec bash -c "$2"',
  sudo: 'exec "$@"',
  systemctl: `
    case $1 in stop | restart)
      pid=$(cat "$HOME/pid" 2>/dev/null) && kill "$pid" 2>/dev/null
      # A process that has ended has no program, even before its parent asks for it.
      while [ -e "/proc/$pid/exe" ]; do sleep 0.05; done
    esac
    case $1 in start | restart)
      smart-door run >"$HOME/journal" 2>&1 &
      echo $! >"$HOME/pid"
      until grep -qE '"(keypad ready|egress-only mode)' "$HOME/journal"; do sleep 0.05; done
    esac`,
}

function run(line: string): string {
  const { stdout, stderr } = spawnSync('bash', ['-c', line], {
    cwd: place,
    encoding: 'utf8',
    timeout: 60_000,
    env: {
      ...{ PATH: `${at('programs')}:/usr/bin:/bin`, HOME: at('home') },
      ...{ SMART_DOOR_CONFIG: configPath(), RUNTIME_DIRECTORY: at('run') },
    },
  })
  return stdout + stderr
}

const drive = (bcm: number, level: 0 | 1) =>
  writeFileSync(at('programs', `${bcm}.level`), String(level))
const relay = () => readFileSync(at('programs/17.level'), 'utf8').trim()
const clicks = () =>
  existsSync(at('programs/17.orders'))
    ? readFileSync(at('programs/17.orders'), 'utf8').split('1').length - 1
    : 0

const setConfig = (change: (config: ReturnType<typeof exampleConfig>) => object) =>
  writeFileSync(
    configPath(),
    JSON.stringify(change(JSON.parse(readFileSync(configPath(), 'utf8')))),
  )

async function type(code: string): Promise<string> {
  const response = await fetch(`http://127.0.0.1:${port}/api/code`, {
    method: 'POST',
    headers: { 'content-type': 'application/json' },
    body: JSON.stringify({ code }),
  })
  return JSON.parse(await response.text()).outcome
}

/** `test/systemd/install.test.ts` runs the installer. This is what it leaves, with other paths. */
function installed(): void {
  expect(existsSync(join(place, 'systemd/install'))).toBe(true)
  symlinkSync(join(root, 'node_modules'), join(place, 'node_modules'))
  symlinkSync(join(place, 'scripts/smart-door'), at('programs/smart-door'))
  writeFileSync(at('door-key'), 'ab'.repeat(32), { mode: 0o600 })
  writeFileSync(configPath(), run('smart-door config example'))
  setConfig((config) => ({
    ...config,
    ...{ dataDir: at('data'), doorKeyFile: at('door-key'), clock: 'host' },
    ...{ keypad: { ...config.keypad, port }, gpio: { ...config.gpio, driver: 'gpiod' } },
    lock: { ...config.lock, exitHoldMs: 500 },
  }))
  run('systemctl start smart-door')
}

/** On a busy computer the programs that stand for pins can be too late. A person would try again, too. */
const again = (attempt: () => void | Promise<void>) => vi.waitFor(attempt, 60_000)

/** Each line of a block, and what comes of it. */
const lines: Readonly<Record<string, (line: string) => unknown>> = {
  "git archive HEAD | ssh YOURNAME@door.local 'mkdir -p smart-door && tar x -C smart-door'": run,
  'ssh YOURNAME@door.local'(line) {
    expect(run(line)).toBe('')
    place = at('home')
  },
  'cd smart-door'() {
    place = at('home/smart-door')
  },
  'sudo systemd/install': installed,
  'sudo systemctl stop smart-door': run,
  'sudo smart-door doctor --blink': (line) =>
    again(() => {
      const before = clicks()
      expect(run(line)).toContain('The relay on BCM 17 was on 3 times')
      expect([clicks() - before, relay()]).toEqual([3, '0'])
    }),
  'sudo systemctl start smart-door': run,
  // An editor: the block that follows is put in.
  'sudo nano /etc/smart-door/config.json': () => {},
  'sudo smart-door config check'(line) {
    expect(run(line)).toBe(`${configPath()} is valid.\n`)
  },
  async 'sudo systemctl restart smart-door'(line) {
    run(line)
    await again(async () => {
      drive(23, 0)
      await expect.poll(relay).toBe('1')
      drive(23, 1)
      await expect.poll(relay, { timeout: 10_000 }).toBe('0')
    })
  },
  // Needs a screen; `test/systemd/kiosk.test.ts` runs the program that it starts.
  'sudo systemd/install --kiosk': () => {},
  'sudo smart-door passcode': (line) =>
    again(async () => {
      const [, first, second] = /^(\d{4}) (\d{4})\n/.exec(run(line)) ?? []
      expect(await type(`${first}${second}`)).toBe('accepted')
      expect(relay()).toBe('1')
      expect(await type(`${first}${second}`)).toBe('denied')
    }),
  // A tunnel of the real ssh. That the page is there under this name: `test/device/http`.
  'ssh -L 4100:localhost:4100 YOURNAME@door.local'() {
    expect(exampleConfig().keypad.port).toBe(4100)
  },
  'sudo smart-door explain 1'(line) {
    expect(run(line)).toContain('typed a valid code. The lock opened for 5 s.')
  },
}

testProof('ends with an open door', { timeout: 240_000 }, async () => {
  const left = new Set(Object.keys(lines))
  for (const { kind, content } of blocks) {
    if (kind === 'json') {
      const gpio = JSON.parse(`{${content.trim().replace(/,$/, '')}}`)
      setConfig((config) => ({ ...config, gpio: { ...config.gpio, ...gpio } }))
      continue
    }
    for (const line of content.trim().split('\n')) {
      const carryOut = lines[line]
      if (!carryOut) throw new Error(`docs/first-evening.md: this test does not run "${line}".`)
      await carryOut(line)
      left.delete(line)
    }
  }
  expect([...left]).toEqual([])
})

const named = [...evening.matchAll(/`"(\w+)": (.+?)`/g)].map(([, key = '', value = '']) => ({
  key,
  value: JSON.parse(value),
}))

test.each(named)('names a setting that exists: $key = $value', ({ key, value }) => {
  const good = allSettings()
    .filter(({ path }) => path.includes(key))
    .map(({ path }) =>
      path
        .slice(0, path.indexOf(key))
        .reduceRight<object>((inner, section) => ({ [section]: inner }), { [key]: value }),
    )
    .filter((setting) => configSchema.safeParse({ ...exampleConfig(), ...setting }).success)
  expect(good).not.toEqual([])
})
