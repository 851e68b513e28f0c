/**
 * A program of its own, to be watched or killed from outside: it opens a store, says `ready`, uses
 * up as many codes as it is told to, one commit each, says `done`, and waits to be ended.
 */
import { writeSync } from 'node:fs'
import { openStore } from '../../../device/store/sqlite/store.ts'
import {
  close,
  commitOf,
  exampleGrant,
  firstState,
  idOf,
  keep,
  rowsAfter,
} from '../../contracts/device/store.ts'

const [path = '', count = '0'] = process.argv.slice(2)
const ids = Array.from({ length: Number(count) }, (_, index) => idOf(index + 1))

const store = openStore(path, {
  warn(fault) {
    throw fault
  },
})
if (!store.load()) store.commit(commitOf({ state: firstState }))
// Enough commits to make the store tidy itself when it is told to, as it would at a real door.
for (const grantId of ids) store.commit(commitOf({ changes: [keep(exampleGrant({ grantId }))] }))
store.tidy()

writeSync(1, 'ready\n')
for (const [index, grantId] of ids.entries()) {
  store.commit(
    commitOf({
      state: { time: { highWaterMs: 1_800_000_000_000 + index, uptimeMs: index } },
      changes: [close(grantId, 'used')],
      rows: rowsAfter(store.head(), 2),
    }),
  )
}
writeSync(1, 'done\n')
process.stdin.resume()
process.stdin.on('end', () => store.close())
