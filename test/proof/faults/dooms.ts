/** The ways in which a daemon ends here. */
import { rmSync } from 'node:fs'
import { join } from 'node:path'
import type { CuttableDisk } from './cuttable-disk.ts'
import type { Doom } from './trial.ts'

export const kill9: Doom = {
  async strike(door) {
    await door.end('SIGKILL')
  },
}

/** Computer and disk lose their power together, and have it again a moment later. */
export function powerCut(disk: CuttableDisk): Doom {
  let doors = 0
  const dataDir = () => join(disk.folder, `door-${doors}`)
  return {
    newDataDir() {
      rmSync(dataDir(), { recursive: true, force: true })
      doors += 1
      return dataDir()
    },
    async strike(door) {
      // Else the daemon could go on for a moment without its disk, which no power cut lets it.
      process.kill(door.pid(), 'SIGSTOP')
      await disk.cutPower()
      await door.end('SIGKILL')
      await disk.restorePower()
    },
  }
}
