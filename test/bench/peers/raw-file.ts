/** The minimum for durable bytes: append them and wait for the disk. */
import { randomBytes } from 'node:crypto'
import { closeSync, fdatasyncSync, openSync, writeSync } from 'node:fs'
import { join } from 'node:path'

export interface RawFile {
  append(bytes: number): void
  close(): void
}

const mostBytes = 1 << 20

export function rawFile(folder: string): RawFile {
  const content = randomBytes(mostBytes)
  const file = openSync(join(folder, 'raw'), 'a')
  return {
    append(bytes) {
      writeSync(file, content, 0, bytes)
      fdatasyncSync(file)
    },
    close: () => closeSync(file),
  }
}
