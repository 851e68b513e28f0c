/** Which Node the packages require of npm. The door itself runs on the Node in the lockfile. */
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

/** The Node of Debian 12, the oldest that `systemd/install` supports. */
const oldest = 18

/** Whether a range such as `^18.1 || >=20` includes the oldest. */
const takesOldest = (engines: string) =>
  engines.split('||').some((way) => Number(/\d+/.exec(way)?.[0]) <= oldest && !/</.test(way))

// npm only warns about required packages, but silently leaves out optional ones.
test('the npm of Debian 12 leaves out no package that a door needs', () => {
  const { packages } = lockfile.parse(
    JSON.parse(readFileSync(join(import.meta.dirname, '../../package-lock.json'), 'utf8')),
  )
  const optional = Object.entries(packages).filter(([, { optional, dev }]) => optional && !dev)
  const leftOut = optional.filter(([, { engines }]) => !takesOldest(engines?.node ?? '>=0'))
  expect(optional.length).toBeGreaterThan(10)
  expect(leftOut.map(([path]) => path)).toEqual([])
})
