/** The length of a database's write-ahead log, read without SQLite, which would affect it. */
import { closeSync, openSync, readSync } from 'node:fs'
import { endianness } from 'node:os'

/** The offset of `mxFrame` in SQLite's file format, in the byte order of the machine. */
const lastPageAt = 16

export interface WalIndex {
  pages(): number
  /** Close the database first: closing this file drops SQLite's locks in this process. */
  close(): void
}

export function walIndexOf(path: string): WalIndex {
  const file = openSync(`${path}-shm`, 'r')
  const number = Buffer.alloc(4)
  return {
    pages() {
      readSync(file, number, 0, number.length, lastPageAt)
      return endianness() === 'LE' ? number.readUInt32LE() : number.readUInt32BE()
    },
    close: () => closeSync(file),
  }
}
