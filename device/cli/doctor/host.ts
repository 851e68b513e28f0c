/** The computer: its Node, its system, its clock. */
import { existsSync, readFileSync, realpathSync } from 'node:fs'
import { arch, release } from 'node:os'
import { fileURLToPath } from 'node:url'
import { type Examined, ok, problem, type Verdict, warning } from './finding.ts'

export function nodeFinding(): Verdict {
  const packages = fileURLToPath(new URL('../../../node_modules', import.meta.url))
  // Several working copies may share one folder of packages, which Node names as it really is.
  const isPinned = existsSync(packages) && process.execPath.startsWith(realpathSync(packages))
  const node = `Node ${process.versions.node}`
  return isPinned
    ? ok(`${node}, the version of this project.`)
    : warning(
        `${node} is the system's own, not the one this project is tested with.`,
        'Run: npm ci',
      )
}

export function systemFinding(): Verdict {
  const name = /^PRETTY_NAME="?([^"\n]*)/m.exec(textOf('/etc/os-release'))?.[1] ?? process.platform
  const model = textOf('/proc/device-tree/model').replace(/\0/g, '') || 'not a Raspberry Pi'
  const sentence = `${name}, ${arch()}, kernel ${release()}; ${model}.`
  return ['arm64', 'x64'].includes(arch())
    ? ok(sentence)
    : problem(`Not a 64-bit system: ${sentence}`, 'Write Raspberry Pi OS 64-bit to the card.')
}

/** No clock that is right shows an earlier time. */
const earliestMs = Date.UTC(2026, 0, 1)

export function clockFinding({ config: { clock } }: Examined): Verdict {
  const now = new Date().toISOString()
  if (Date.now() < earliestMs) {
    return problem(
      `The date cannot be ${now.slice(0, 10)}; codes are refused until the time is known.`,
      'Connect the door to a network once, or add a clock with a battery (DS3231).',
    )
  }
  if (clock === 'ntp' && !existsSync('/run/systemd/timesync/synchronized')) {
    return warning(
      'The time has not been confirmed since power-on; until then codes are refused.',
      'See: timedatectl timesync-status',
    )
  }
  const hasBattery = existsSync('/dev/rtc0')
  if (clock === 'host' && hasBattery) return ok(`${now}, with a clock that runs without power.`)
  return warning(
    clock === 'ntp'
      ? `${now}; after a power cut, codes are refused until the cloud has confirmed the time (without a cloud: NTP).`
      : `${now}, but there is no clock that runs without power.`,
    hasBattery
      ? 'If its clock has a battery, set "clock": "host".'
      : 'Add a clock with a battery: a DS3231, or the battery of a Pi 5.',
  )
}

function textOf(path: string): string {
  try {
    return readFileSync(path, 'utf8')
  } catch {
    return ''
  }
}

const lastUpdatePath = '/opt/smart-door/last-update'

/** An update at night has no reader. */
export function updateFinding(): Verdict | null {
  const [, when = '', result = ''] = /^(\S+) (.*)/.exec(textOf(lastUpdatePath)) ?? []
  if (result === '') return null
  const sentence = `${result} (${when.slice(0, 10)})`
  return result.startsWith('The last update failed')
    ? warning(sentence, 'See: journalctl -u smart-door-update')
    : ok(sentence)
}
