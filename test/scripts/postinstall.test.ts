/** The postinstall script, in a folder with the few packages it needs; it really compiles the addon. */
import { spawnSync } from 'node:child_process'
import {
  cpSync,
  existsSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  rmSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, expect, test } from 'vitest'
import { testProof } from '../support/effort.ts'

const root = join(import.meta.dirname, '../..')
let folder: string

beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'postinstall-'))
  for (const name of ['scripts/node', 'scripts/postinstall']) {
    cpSync(join(root, name), join(folder, name))
  }
  mkdirSync(join(folder, 'node_modules'))
  for (const name of ['bindings', 'file-uri-to-path', 'nan', ...pinnedNodes()]) {
    symlinkSync(join(root, 'node_modules', name), join(folder, 'node_modules', name))
  }
})
afterEach(() => rmSync(folder, { recursive: true }))

const pinnedNodes = () =>
  readdirSync(join(root, 'node_modules')).filter((name) => name.startsWith('node-linux-'))

/** As npm leaves it when it has built it for another Node. */
function addonForAnotherNode(): void {
  const [source, addon] = [root, folder].map((at) => join(at, 'node_modules/epoll'))
  cpSync(source ?? '', addon ?? '', { recursive: true })
  writeFileSync(join(addon ?? '', 'build/Release/epoll.node'), 'for another Node')
}

function postinstall(env: Record<string, string> = {}) {
  const { status, stderr } = spawnSync(join(folder, 'scripts/postinstall'), {
    encoding: 'utf8',
    env: { ...process.env, ...env },
  })
  return { status, stderr }
}

const loads = () =>
  spawnSync(join(folder, 'scripts/node'), ['-e', 'require("epoll")'], { cwd: folder }).status === 0

/** The compiler takes seconds, and `npm ci` has just done the same here. */
testProof('builds the addon that does not load, for the Node that the daemon runs on', () => {
  addonForAnotherNode()
  expect(loads()).toBe(false)
  // npm passes settings for the Node that it runs on itself, and Debian's node-gyp would link the
  // addon to Debian's Node. Neither may be used.
  const env = { npm_config_nodedir: '/nowhere', npm_config_node_gyp: '/nowhere' }
  expect(postinstall(env)).toEqual({ status: 0, stderr: '' })
  expect(loads()).toBe(true)
})

test('does not fail the installation without a compiler, and says what will not work', () => {
  addonForAnotherNode()
  const { status, stderr } = postinstall({ CC: 'false', CXX: 'false' })
  expect(status).toBe(0)
  expect(stderr).toContain('GPIO pins through onoff will not work here')
  expect(stderr).toContain('apt-get install g++ make python3')
})

test('does nothing where onoff is not installed', () => {
  expect(postinstall()).toEqual({ status: 0, stderr: '' })
  expect(existsSync(join(folder, 'node_modules/epoll'))).toBe(false)
})
