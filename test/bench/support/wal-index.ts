/** How far a database's write-ahead log has got, read without asking SQLite, which would notice. */
import { closeSync, openSync, readSync } from 'node:fs'
import { endianness } from 'node:os'

/** Where SQLite's file format has `mxFrame`, in the byte order of the machine. */
const lastPageAt = 16

export interface WalIndex {
  pages(): number
  /** After the database: closing the file drops the locks that SQLite of this process has on it. */
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
