/** The program behind `npm run rehearse`. */
import { rehearse } from './rehearsal.ts'

const startedAtMs = Date.now()
await rehearse({
  isLong: true,
  say: (sentence) =>
    console.log(`${((Date.now() - startedAtMs) / 1_000).toFixed(1)} s  ${sentence}`),
})
console.log('1 passed, 0 failed')
// Clients of the functions keep connections open for a while.
process.exit(0)
