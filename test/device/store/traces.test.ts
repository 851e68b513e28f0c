/** The name of a deleted visitor is in no file any more. */
import { copyFileSync } from 'node:fs'
import Database from 'better-sqlite3'
import { afterEach, beforeEach, expect, test } from 'vitest'
import type { Store } from '../../../device/daemon/ports.ts'
import { commitOf, firstState, idOf, storeVisitor } from '../../contracts/device/store.ts'
import { type StoreFolder, storeFolder } from '../../support/door/store-folder.ts'

let door: StoreFolder
let store: Store
beforeEach(() => {
  door = storeFolder()
  store = door.open()
  store.commit(commitOf({ state: firstState }))
})
afterEach(() => door.end())

const secret = 'CANARY'
const others = 'SURVIVOR'

type Naming = readonly [number: number, name: string | null]

const name = (...namings: Naming[]) =>
  store.commit(
    commitOf({
      changes: namings.map(([number, name], index) =>
        storeVisitor({
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

test('the name is in the files while the visitor is known', () => {
  meet(1, secret)
  expect(filesWith(secret)).toContain('door.sqlite-wal')
  store.close()
  expect(filesWith(secret)).toEqual(['door.sqlite'])
})

test('it is erased in the next idle time', () => {
  meet(1, secret)
  meet(2, others)
  store.tidy()
  forget(1)
  store.tidy()
  expect(filesWith(secret)).toEqual([])
  expect(filesWith(others)).not.toEqual([])
  expect(store.visitor(idOf(2))?.known?.name).toBe(others)
})

test('it is erased when the store is closed', () => {
  meet(1, secret)
  forget(1)
  store.close()
  expect(filesWith(secret)).toEqual([])
})

test('it is erased after a crash, when the store is opened again', () => {
  meet(1, secret)
  forget(1)
  const after = storeFolder()
  for (const suffix of door.files()) copyFileSync(door.path + suffix, after.path + suffix)
  expect(filesWith(secret, after)).not.toEqual([])
  after.open()
  expect(filesWith(secret, after)).toEqual([])
  after.end()
})

test('it is erased after many changes that split pages', () => {
  const visitors = 3_000
  // Pseudo-random, but the same in every run.
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

test('a reader delays it only while it reads', () => {
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
