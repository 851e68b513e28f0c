/** Who owns what a command writes for the daemon. */
import { existsSync, statSync } from 'node:fs'
import type { Owner } from './identity-folder.ts'

/** If root runs a command, files go to the owner of the data folder, who runs the daemon. */
export function ownerOf(dataDir: string): Owner | null {
  if (process.getuid?.() !== 0 || !existsSync(dataDir)) return null
  const { uid, gid } = statSync(dataDir)
  return { uid, gid }
}
