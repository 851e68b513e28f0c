/** What the lockfile asks of the Node that runs npm; the door itself runs on the Node that comes along. */
import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { expect, test } from 'vitest'
import * as z from 'zod/mini'

const lockfile = z.object({
  packages: z.record(
    z.string(),
    z.object({
      dev: z.optional(z.boolean()),
      optional: z.optional(z.boolean()),
      engines: z.optional(z.object({ node: z.optional(z.string()) })),
    }),
  ),
})

/** The Node of Debian 12, the oldest that `systemd/install` meets. */
const oldest = 18

/** `>=10`, `^18.1 || >=20`: true if some way of it is open to the oldest. */
const takesOldest = (engines: string) =>
  engines.split('||').some((way) => Number(/\d+/.exec(way)?.[0]) <= oldest && !/</.test(way))

// For what is required npm only warns. What is optional it leaves out, and says nothing.
test('nothing that a door needs is left out by the npm of an older Debian', () => {
  const { packages } = lockfile.parse(
    JSON.parse(readFileSync(join(import.meta.dirname, '../../package-lock.json'), 'utf8')),
  )
  const optional = Object.entries(packages).filter(([, { optional, dev }]) => optional && !dev)
  const leftOut = optional.filter(([, { engines }]) => !takesOldest(engines?.node ?? '>=0'))
  expect(optional.length).toBeGreaterThan(10)
  expect(leftOut.map(([path]) => path)).toEqual([])
})
