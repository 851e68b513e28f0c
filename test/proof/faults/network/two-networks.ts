/**
 * Two networks with one connection that loses packets on request, made with Linux network
 * namespaces. The door is in a network of its own, the cloud in this one.
 */
import { execFileSync } from 'node:child_process'
import { existsSync } from 'node:fs'
import { atExit } from '../at-exit.ts'

/** The share of the door's packets that is lost, 0 to 1, in each direction. */
interface Loss {
  readonly out: number
  readonly in: number
}

export interface TwoNetworks {
  /** The cloud's address, the same from both sides. */
  readonly cloudHost: string
  /** Prefix of a command that runs in the door's network. */
  readonly within: readonly string[]
  lose(loss: Loss): void
  remove(): void
}

/** What this machine lacks to create networks. */
export function missingForNetworks(): readonly string[] {
  if (process.platform !== 'linux') return ['Network namespaces need Linux.']
  if (process.getuid?.() !== 0) return ['Creating networks needs root: run it with sudo.']
  const programs = ['ip', 'iptables'].filter(
    (name) => !['/usr/sbin', '/sbin', '/usr/bin'].some((folder) => existsSync(`${folder}/${name}`)),
  )
  if (programs.length > 0) return programs.map((name) => `${name} is not installed.`)
  return mayMakeNetworks() ? [] : ['This system does not allow network namespaces.']
}

function mayMakeNetworks(): boolean {
  const name = `sd-try-${process.pid}`
  try {
    run('ip', 'netns', 'add', name)
    run('ip', 'netns', 'exec', name, 'iptables', '-L', '-n')
    return true
  } catch {
    return false
  } finally {
    quietly('ip', 'netns', 'del', name)
  }
}

const run = (program: string, ...args: string[]): void => {
  execFileSync(program, args, { stdio: 'pipe' })
}

function quietly(program: string, ...args: string[]): void {
  try {
    run(program, ...args)
  } catch {
    // It did not exist.
  }
}

let made = 0

export function twoNetworks(): TwoNetworks {
  made += 1
  const id = `${(process.pid % 5_000) * 10 + made}`
  const space = `sd-door-${id}`
  const [here, there] = [`sdc${id}`, `sdd${id}`]
  // Four addresses of the range for tests (198.18.0.0/15) for each network.
  const at = (Number(id) % 16_000) * 4
  const address = (host: number) => `198.18.${(at + host) >> 8}.${(at + host) & 0xff}`
  const inside = (...words: string[]) => run('ip', 'netns', 'exec', space, ...words)

  const remove = () => {
    quietly('ip', 'netns', 'del', space)
    quietly('ip', 'link', 'del', here)
  }
  const forget = atExit(remove)
  run('ip', 'netns', 'add', space)
  run('ip', 'link', 'add', here, 'type', 'veth', 'peer', 'name', there, 'netns', space)
  run('ip', 'addr', 'add', `${address(1)}/30`, 'dev', here)
  run('ip', 'link', 'set', here, 'up')
  inside('ip', 'link', 'set', 'lo', 'up')
  inside('ip', 'addr', 'add', `${address(2)}/30`, 'dev', there)
  inside('ip', 'link', 'set', there, 'up')

  const drop = (chain: string, device: readonly string[], share: number) => {
    if (share <= 0) return
    const chance = ['-m', 'statistic', '--mode', 'random', '--probability', String(share)]
    inside('iptables', '-A', chain, ...device, ...(share < 1 ? chance : []), '-j', 'DROP')
  }
  return {
    cloudHost: address(1),
    within: ['ip', 'netns', 'exec', space],
    lose(loss) {
      inside('iptables', '-F')
      drop('OUTPUT', ['-o', there], loss.out)
      drop('INPUT', ['-i', there], loss.in)
    },
    remove() {
      remove()
      forget()
    },
  }
}
