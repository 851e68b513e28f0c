/** Somebody who was forgotten is forgotten: no byte of their name is left in any file. */
import { copyFileSync } from 'node:fs'
import Database from 'better-sqlite3'
import { afterEach, beforeEach, expect, test } from 'vitest'
import type { Store } from '../../../device/daemon/ports.ts'
import { commitOf, firstState, idOf, keepVisitor } from '../../contracts/device/store.ts'
import { type StoreFolder, storeFolder } from '../../support/door/store-folder.ts'

let door: StoreFolder
let store: Store
beforeEach(() => {
  door = storeFolder()
  store = door.open()
  store.commit(commitOf({ kept: firstState }))
})
afterEach(() => door.end())

const secret = 'CANARY'
const others = 'SURVIVOR'

type Naming = readonly [number: number, name: string | null]

const name = (...namings: Naming[]) =>
  store.commit(
    commitOf({
      changes: namings.map(([number, name], index) =>
        keepVisitor({
          visitorId: idOf(number),
          known: name === null ? null : { name, language: 'en' },
          commandSeq: index,
        }),
      ),
    }),
  )
const meet = (number: number, called: string) => name([number, called])
const forget = (number: number) => name([number, null])

const filesWith = (word: string, folder = door) =>
  [...folder.bytes()].filter(([, bytes]) => bytes.includes(word)).map(([name]) => name)

test('the name is in the files while the visitor is known: the search finds what there is', () => {
  meet(1, secret)
  expect(filesWith(secret)).toContain('door.sqlite-wal')
  store.close()
  expect(filesWith(secret)).toEqual(['door.sqlite'])
})

test('it is gone after the next quiet moment', () => {
  meet(1, secret)
  meet(2, others)
  store.tidy()
  forget(1)
  store.tidy()
  expect(filesWith(secret)).toEqual([])
  expect(filesWith(others)).not.toEqual([])
  expect(store.visitor(idOf(2))?.known?.name).toBe(others)
})

test('it is gone when the store is closed, even without a quiet moment', () => {
  meet(1, secret)
  forget(1)
  store.close()
  expect(filesWith(secret)).toEqual([])
})

test('it is gone after a crash, once the store has been opened again', () => {
  meet(1, secret)
  forget(1)
  const after = storeFolder()
  for (const suffix of door.files()) copyFileSync(door.path + suffix, after.path + suffix)
  expect(filesWith(secret, after)).not.toEqual([])
  after.open()
  expect(filesWith(secret, after)).toEqual([])
  after.end()
})

test('it is gone when many visitors came and changed their names, so that pages were split', () => {
  const visitors = 3_000
  // A walk through the numbers that is neither in order nor even, but always the same.
  let step = 1
  const next = (below: number) => {
    step = (step * 48_271) % 2_147_483_647
    return step % below
  }
  const callThem = (number: number, upTo: number): Naming => [
    number,
    `${secret} ${'y'.repeat(next(upTo))}`,
  ]
  name(...Array.from({ length: visitors }, (_, number) => callThem(number, 40)))
  name(...Array.from({ length: 2 * visitors }, () => callThem(next(visitors), 100)))
  meet(visitors, others)
  name(...Array.from({ length: visitors }, (_, number): Naming => [number, null]))
  store.tidy()
  expect(filesWith(secret)).toEqual([])
  expect(filesWith(others)).not.toEqual([])
})

test('a reader in the way delays it, but not for ever', () => {
  meet(1, secret)
  const reader = new Database(door.path, { readonly: true })
  reader.exec('BEGIN')
  reader.prepare('SELECT count(*) FROM visitors').get()
  forget(1)
  store.tidy()
  expect(filesWith(secret)).not.toEqual([])
  reader.exec('COMMIT')
  store.tidy()
  expect(filesWith(secret)).toEqual([])
  reader.close()
})
