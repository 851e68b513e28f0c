/**
 * Two networks joined by one cable, made with Linux network namespaces, and what can befall it. The
 * door is in a network of its own; the cloud is in this one.
 */
import { execFileSync } from 'node:child_process'
import { existsSync } from 'node:fs'
import { atExit } from '../at-exit.ts'

/** What of the door's packets is lost on the way: shares of one, out to the cloud and in from it. */
export interface Loss {
  readonly out: number
  readonly in: number
}

export interface WeatherNet {
  /** Where the cloud listens, as seen from both sides. */
  readonly cloudHost: string
  /** Puts a program into the door's network. */
  readonly within: readonly string[]
  weather(loss: Loss): void
  remove(): void
}

/** What is missing to make weather here; nothing where it can be made. */
export function whatWeatherNeeds(): readonly string[] {
  if (process.platform !== 'linux') return ['network namespaces, so Linux']
  if (process.getuid?.() !== 0) return ['root, to make networks']
  const programs = ['ip', 'iptables'].filter(
    (name) => !['/usr/sbin', '/sbin', '/usr/bin'].some((folder) => existsSync(`${folder}/${name}`)),
  )
  if (programs.length > 0) return programs
  return mayMakeNetworks() ? [] : ['a system that lets network namespaces be made']
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
    // It was not there.
  }
}

let made = 0

export function weatherNet(): WeatherNet {
  made += 1
  const id = `${(process.pid % 5_000) * 10 + made}`
  const space = `sd-door-${id}`
  const [here, there] = [`sdc${id}`, `sdd${id}`]
  // Of the addresses that are for trying things out (198.18.0.0/15): four for each network.
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
    weather(loss) {
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
