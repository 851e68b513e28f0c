/** The ways in which a fault run ends the daemon. */
import { rmSync } from 'node:fs'
import { join } from 'node:path'
import type { CuttableDisk } from './cuttable-disk.ts'
import type { Doom } from './trial.ts'

export const kill9: Doom = {
  async strike(door) {
    await door.end('SIGKILL')
  },
}

/** Computer and disk lose power together, and get it back at once. */
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
      // Otherwise the daemon would run on without its disk, which a real power cut does not allow.
      process.kill(door.pid(), 'SIGSTOP')
      await disk.cutPower()
      await door.end('SIGKILL')
      await disk.restorePower()
    },
  }
}
