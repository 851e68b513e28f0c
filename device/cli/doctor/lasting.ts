/** Whether what the door writes is still there after a power cut. */
import { existsSync, readFileSync, statfsSync } from 'node:fs'
import { type Check, ok, problem } from './finding.ts'

/** From Linux' magic.h. */
const inMemory = [0x01021994, 0x858458f6]
const overlay = 0x794c7630

/** As `raspi-config` and overlayroot switch it on: everything that is written is lost at a restart. */
const overlaysRoot = /(?:^| )(?:boot=overlay|overlayroot=tmpfs)/

/** An overlay may also be a container, whose upper layer lasts. */
export const isLost = (fileSystem: number, commandLine: string): boolean =>
  inMemory.includes(fileSystem) || (fileSystem === overlay && overlaysRoot.test(commandLine))

export const lastingFinding: Check = ({ config: { dataDir } }) => {
  if (!existsSync(dataDir)) return null
  return isLost(statfsSync(dataDir).type, readFileSync('/proc/cmdline', 'utf8'))
    ? problem(
        `${dataDir} is in memory: after a power cut the door knows neither used nor wrong codes.`,
        'Switch the overlay file system off (sudo raspi-config), or mount a partition there.',
      )
    : ok(`${dataDir} is on a disk.`)
}
