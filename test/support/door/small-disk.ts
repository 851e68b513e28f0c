/** A disk in memory, so small that a test can fill it. Only root on Linux can have one. */
import { execFileSync } from 'node:child_process'
import { appendFileSync, mkdtempSync, rmdirSync, rmSync, statfsSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'

export interface SmallDisk {
  readonly folder: string
  /** Not one byte more fits on it. */
  fill(): void
  empty(): void
  freeBytes(): number
  end(): void
}

/** Null where it cannot be had. */
export function smallDisk(megabytes: number): SmallDisk | null {
  const folder = mkdtempSync(join(tmpdir(), 'smart-door-disk-'))
  const ballast = join(folder, 'recordings')
  try {
    const options = ['-t', 'tmpfs', '-o', `size=${megabytes}m`, 'tmpfs', folder]
    execFileSync('mount', options, { stdio: 'ignore' })
  } catch {
    rmdirSync(folder)
    return null
  }
  const freeBytes = () => {
    const { bavail, bsize } = statfsSync(folder)
    return bavail * bsize
  }
  return {
    folder,
    freeBytes,
    fill() {
      while (freeBytes() > 0) appendFileSync(ballast, Buffer.alloc(Math.min(freeBytes(), 1 << 20)))
    },
    empty: () => rmSync(ballast),
    end() {
      execFileSync('umount', [folder])
      rmdirSync(folder)
    },
  }
}
