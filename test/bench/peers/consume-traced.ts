/** Consumes codes between printing `begin` and `end`, so that a tracer can count system calls. */
import { randomBytes } from 'node:crypto'
import { writeSync } from 'node:fs'
import { consumerOn } from '../support/consumption.ts'
import { openedStore, stockStore } from '../support/stocked-store.ts'

const [path = '', count = '0'] = process.argv.slice(2)
const doorKey = randomBytes(32)
const grants = Number(count)
const codes = stockStore({ path, doorKey, grants, known: [{ codes: grants }] }).flat()
const store = openedStore(path)
const consume = consumerOn(store, doorKey)

writeSync(1, 'begin\n')
for (const code of codes) consume(code)
writeSync(1, 'end\n')
store.close()
