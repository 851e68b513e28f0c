/** The programs that tests need besides npm's packages, and how to install those that are missing. */

export interface Program {
  readonly name: string
  readonly debianPackage: string
  /** Why the tests need it. */
  readonly because: string
}

const program = (name: string, debianPackage: string, because: string): Program => ({
  name,
  debianPackage,
  because,
})

export const neededByTests: readonly Program[] = [
  program(
    'chromium-headless-shell',
    'chromium-headless-shell',
    'the pages are tested in a browser',
  ),
  program('strace', 'strace', 'a test counts how often a code is synced to the disk'),
  program('mosquitto', 'mosquitto', 'the connection to the cloud is tested with a real broker'),
  program('openssl', 'openssl', 'tests make the certificates of doors and brokers with it'),
  program('iptables', 'iptables', 'tests cut and slow the network between door and cloud'),
  program('ip', 'iproute2', 'tests need a network of their own between door and cloud'),
  program('systemd-analyze', 'systemd', 'systemd itself checks the units'),
  program('ffmpeg', 'ffmpeg', 'it encodes the recordings, and checks what is sent'),
  program('fswebcam', 'fswebcam', 'webcams are read through it, and it draws test pictures'),
  program('mkvinfo', 'mkvtoolnix', 'it checks the Matroska that the door writes'),
  program('python3-botocore', 'python3-botocore', 'signatures are compared with those of botocore'),
]

/** For `npm run proof`: a disk whose power can be cut, and a browser of another make. */
export const neededByProof: readonly Program[] = [
  program('nbdkit', 'nbdkit', 'the proof cuts the power of a disk that it serves'),
  program('nbdfuse', 'libnbd-bin', 'the proof mounts a disk through it'),
  program('fusermount3', 'fuse3', 'the proof mounts a disk through it'),
  program('firefox-esr', 'firefox-esr', 'the proof walks through the pages in it'),
  program('gcore', 'gdb', 'an attack looks for secrets in the memory of the daemon'),
]

export interface Machine {
  readonly has: (program: string) => boolean
  readonly isRoot: boolean
}

export const missingOn = (machine: Machine, programs: readonly Program[]): readonly Program[] =>
  programs.filter(({ name }) => !machine.has(name))

export type Command = readonly [program: string, ...args: string[]]

/**
 * Attempts to install them, each a list of commands, to be made until one succeeds; none where
 * nothing can be installed. Package lists are only fetched if installing without that failed.
 */
export function attemptsFor(missing: readonly Program[], machine: Machine): readonly Command[][] {
  const mayInstall = machine.has('apt-get') && (machine.isRoot || machine.has('sudo'))
  if (missing.length === 0 || !mayInstall) return []
  // sudo -n: rather fail than stop the tests with a question for a password.
  const asRoot: Command = machine.isRoot ? ['/usr/bin/env'] : ['sudo', '-n', '/usr/bin/env']
  const aptGet = (...args: string[]): Command => [
    ...asRoot,
    'DEBIAN_FRONTEND=noninteractive',
    'apt-get',
    // Another apt may be at work on a machine that has just started.
    '-o',
    'DPkg::Lock::Timeout=120',
    ...args,
  ]
  const install = aptGet('install', '-y', '-qq', '--no-install-recommends', ...packagesOf(missing))
  return [[install], [aptGet('update', '-qq'), install]]
}

const packagesOf = (missing: readonly Program[]): string[] => [
  ...new Set(missing.map(({ debianPackage }) => debianPackage)),
]

/** What is missing, why it is needed, and what to type. */
export function explain(missing: readonly Program[], machine: Machine): string {
  const lines = missing.map(
    ({ name, debianPackage, because }) =>
      `The tests need ${name} (Debian package ${debianPackage}) because ${because}; it is not installed.`,
  )
  const packages = packagesOf(missing).join(' ')
  const command = `${machine.isRoot ? '' : 'sudo '}apt-get install --no-install-recommends ${packages}`
  const remedy = machine.has('apt-get')
    ? `Installing failed. Please run: ${command}`
    : `There is no apt-get here. Please install it your system's way; on Debian: ${command}`
  return [...lines, remedy].join('\n')
}
