/** The least a program can do to have bytes on the disk. */
import { randomBytes } from 'node:crypto'
import { closeSync, fdatasyncSync, openSync, writeSync } from 'node:fs'
import { join } from 'node:path'

export interface RawFiles {
  append(bytes: number): void
  /** Over what has been written before: spares the file system from keeping track of a length. */
  overwrite(bytes: number): void
  close(): void
}

const overwrittenBytes = 4 << 20

export function rawFiles(folder: string): RawFiles {
  const content = randomBytes(1 << 20)
  const growing = openSync(join(folder, 'appended'), 'a')
  const fixed = openSync(join(folder, 'overwritten'), 'w')
  for (let done = 0; done < overwrittenBytes; done += content.length) writeSync(fixed, content)
  fdatasyncSync(fixed)
  let at = 0
  return {
    append(bytes) {
      writeSync(growing, content, 0, bytes)
      fdatasyncSync(growing)
    },
    overwrite(bytes) {
      if (at + bytes > overwrittenBytes) at = 0
      writeSync(fixed, content, 0, bytes, at)
      fdatasyncSync(fixed)
      at += bytes
    },
    close() {
      closeSync(growing)
      closeSync(fixed)
    },
  }
}
