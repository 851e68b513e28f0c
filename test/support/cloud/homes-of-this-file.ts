/** Homes for the tests of one file. Apart from the home itself, which also lives outside of tests. */
import { afterEach } from 'vitest'
import { type CloudHome, cloudHome } from './cloud-home.ts'

/** Makes homes, and closes them after the test that made them. */
export function homesOfThisFile() {
  let homes: CloudHome[] = []
  afterEach(async () => {
    for (const home of homes) await home.close()
    homes = []
  })
  return async (options: Parameters<typeof cloudHome>[0] = {}): Promise<CloudHome> => {
    const home = await cloudHome(options)
    homes.push(home)
    return home
  }
}
