/** The computer: its system, its Node, its clock. */
import { existsSync, readFileSync, realpathSync } from 'node:fs'
import { arch, release } from 'node:os'
import { fileURLToPath } from 'node:url'
import type { Config } from '../../config/settings.ts'
import { better, type Finding, well, wrong } from './finding.ts'

/** Before this was written it can't be. */
const earliestMs = Date.UTC(2026, 0, 1)

export const hostFindings = (config: Config | null): readonly Finding[] => [
  nodeFinding(),
  systemFinding(),
  ...(config ? [clockFinding(config)] : []),
]

function nodeFinding(): Finding {
  const packages = fileURLToPath(new URL('../../node_modules', import.meta.url))
  // Several working copies may share one folder of packages, which Node names as it really is.
  const isPinned = existsSync(packages) && process.execPath.startsWith(realpathSync(packages))
  const node = `Node ${process.versions.node}`
  return isPinned
    ? well('node', `${node}, the one that came along.`)
    : better('node', `${node} is this system's own, not the one that is tested.`, 'Run: npm ci')
}

function systemFinding(): Finding {
  const name = /^PRETTY_NAME="?([^"\n]*)/m.exec(textOf('/etc/os-release'))?.[1] ?? process.platform
  const model = textOf('/proc/device-tree/model').replace(/\0/g, '') || 'not a Raspberry Pi'
  const sentence = `${name}, ${arch()}, kernel ${release()}; ${model}.`
  return ['arm64', 'x64'].includes(arch())
    ? well('system', sentence)
    : wrong(
        'system',
        `This is not a 64-bit system: ${sentence}`,
        'Write Raspberry Pi OS 64-bit to the card.',
      )
}

function clockFinding({ clock }: Config): Finding {
  const now = new Date()
  if (now.getTime() < earliestMs) {
    return wrong(
      'clock',
      `It cannot be ${now.toISOString().slice(0, 10)}: codes are refused until the time is known.`,
      'Connect the door to a network once, or give it a clock with a battery (DS3231).',
    )
  }
  if (clock === 'ntp' && !existsSync('/run/systemd/timesync/synchronized')) {
    return better(
      'clock',
      'The time has not been confirmed since this computer started; until then codes are refused.',
      'See: timedatectl timesync-status',
    )
  }
  const hasOwn = existsSync('/dev/rtc0')
  if (hasOwn && clock === 'host') {
    return well('clock', `${now.toISOString()}, and a clock of its own for power cuts.`)
  }
  return better(
    'clock',
    `${now.toISOString()}, but ${clock === 'ntp' ? 'after a power cut codes are refused until there is a network' : 'no clock of its own that keeps it while the power is off'}.`,
    hasOwn
      ? 'If its clock has a battery, say so: "clock": "host".'
      : 'A clock with a battery (DS3231, or the battery of a Pi 5) would end that.',
  )
}

function textOf(path: string): string {
  try {
    return readFileSync(path, 'utf8')
  } catch {
    return ''
  }
}
