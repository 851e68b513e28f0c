/** A folder for one test's database, and what such a test wants to know of the files in it. */
import { existsSync, mkdtempSync, readdirSync, readFileSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import type { Store, StoreFault } from '../../../device/daemon/ports.ts'
import { openStore, type StoreOptions } from '../../../device/store/sqlite/store.ts'

export interface StoreFolder {
  readonly folder: string
  readonly path: string
  /** What stores that were opened here warned of. */
  readonly warnings: StoreFault[]
  open(options?: Partial<StoreOptions>): Store
  /** The names of the files, each without the name of the database that it begins with. */
  files(): readonly string[]
  /** The content of the database and whatever lies beside it, by name. */
  bytes(): ReadonlyMap<string, Buffer>
  /** Closes what was opened here. */
  close(): void
  end(): void
}

export function storeFolder(
  folder = mkdtempSync(join(tmpdir(), 'smart-door-store-')),
): StoreFolder {
  const path = join(folder, 'door.sqlite')
  const warnings: StoreFault[] = []
  const opened: Store[] = []
  const names = () => readdirSync(folder).filter((name) => name.startsWith('door.sqlite'))
  return {
    folder,
    path,
    warnings,
    open(options) {
      const store = openStore(path, { warn: (fault) => void warnings.push(fault), ...options })
      opened.push(store)
      return store
    },
    files: () => names().map((name) => name.slice('door.sqlite'.length)),
    bytes: () => new Map(names().map((name) => [name, readFileSync(join(folder, name))])),
    close() {
      for (const store of opened) store.close()
    },
    end() {
      this.close()
      if (existsSync(folder)) rmSync(folder, { recursive: true })
    },
  }
}
