/** Which programs the tests need besides what npm installs, and how to get those that are missing. */

export interface Needed {
  readonly program: string
  readonly debianPackage: string
  /** Completes "It is missing: … , …". */
  readonly because: string
}

export const neededByTests: readonly Needed[] = [
  {
    program: 'chromium',
    debianPackage: 'chromium',
    because: 'the keypad page is tested in a real browser',
  },
  {
    program: 'strace',
    debianPackage: 'strace',
    because: 'a test counts how often a code is written to the disk for good',
  },
  {
    program: 'mosquitto',
    debianPackage: 'mosquitto',
    because: 'the line to the cloud is tested with a real broker',
  },
  {
    program: 'openssl',
    debianPackage: 'openssl',
    because: 'the certificates of doors and brokers are made by an authority of the test',
  },
  {
    program: 'iptables',
    debianPackage: 'iptables',
    because: 'the weather between door and cloud is made with it',
  },
  {
    program: 'ip',
    debianPackage: 'iproute2',
    because: 'the weather between door and cloud needs a network of its own',
  },
  {
    program: 'systemd-analyze',
    debianPackage: 'systemd',
    because: 'the units of the daemon are checked by systemd itself',
  },
  {
    program: 'ffmpeg',
    debianPackage: 'ffmpeg',
    because: 'the encoder of the door is ffmpeg, and it also judges what we send',
  },
  {
    program: 'fswebcam',
    debianPackage: 'fswebcam',
    because: 'the webcams are read through it, and it draws test pictures',
  },
  {
    program: 'mkvinfo',
    debianPackage: 'mkvtoolnix',
    because: 'the Matroska that we write is looked at by others',
  },
  {
    program: 'python3-botocore',
    debianPackage: 'python3-botocore',
    because: "the signature of video is compared with that of AWS's own library",
  },
]

/** What `npm run proof` needs besides: a disk whose power can be cut. */
export const neededByProof: readonly Needed[] = [
  {
    program: 'nbdkit',
    debianPackage: 'nbdkit',
    because: 'the proof cuts the power of a disk that it serves',
  },
  {
    program: 'nbdfuse',
    debianPackage: 'libnbd-bin',
    because: 'the proof mounts a disk through it',
  },
  {
    program: 'fusermount3',
    debianPackage: 'fuse3',
    because: 'the proof mounts a disk through it',
  },
]

export interface Command {
  readonly program: string
  readonly args: readonly string[]
}

export interface Machine {
  readonly has: (program: string) => boolean
  readonly isRoot: boolean
}

export const missingOn = (machine: Machine, needed: readonly Needed[]): readonly Needed[] =>
  needed.filter(({ program }) => !machine.has(program))

/**
 * What to try, one attempt after the other until one succeeds; none where nobody can install. The
 * list of packages is only fetched when installing without it has failed.
 */
export function attemptsFor(
  missing: readonly Needed[],
  machine: Machine,
): readonly (readonly Command[])[] {
  const mayInstall = machine.has('apt-get') && (machine.isRoot || machine.has('sudo'))
  if (missing.length === 0 || !mayInstall) return []
  const aptGet = (...args: string[]): Command => asRoot(machine, ['apt-get', ...waiting, ...args])
  const install = aptGet('install', ...quietly, ...packagesOf(missing))
  return [[install], [aptGet('update', '-qq'), install]]
}

/** Another apt may be at work on a machine that has just been started. */
const waiting = ['-o', 'DPkg::Lock::Timeout=120']
const quietly = ['-y', '-qq', '--no-install-recommends']
const noQuestions = ['/usr/bin/env', 'DEBIAN_FRONTEND=noninteractive']

function asRoot({ isRoot }: Machine, command: readonly string[]): Command {
  // -n: rather fail, and say what to do, than stop a test run with a question for a password.
  const words = [...(isRoot ? [] : ['sudo', '-n']), ...noQuestions, ...command]
  return { program: words[0] ?? '', args: words.slice(1) }
}

const packagesOf = (missing: readonly Needed[]): string[] => [
  ...new Set(missing.map(({ debianPackage }) => debianPackage)),
]

/** For whoever has to help: what is missing, why it is needed, and what to type. */
export function sentencesAbout(missing: readonly Needed[], machine: Machine): string {
  const lines = missing.map(
    ({ program, debianPackage, because }) =>
      `The tests need ${program} (Debian package ${debianPackage}) because ${because}, and it is not installed.`,
  )
  const aptGet = `apt-get install --no-install-recommends ${packagesOf(missing).join(' ')}`
  const rootAptGet = `${machine.isRoot ? '' : 'sudo '}${aptGet}`
  const remedy = machine.has('apt-get')
    ? `It could not be installed from here. Please run: ${rootAptGet}`
    : `There is no apt-get here. Please install it your system's way; on Debian: ${rootAptGet}`
  return [...lines, remedy].join('\n')
}
