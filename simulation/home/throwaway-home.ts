/** A home for the time of one run, in a temporary folder and on free ports. */
import { freePort } from '../door/free-port.ts'
import { openDataFolder } from './data-folder.ts'
import { type Home, type HomeOptions, startHome } from './home.ts'

export async function withHome<T>(
  play: (home: Home) => Promise<T>,
  options: Partial<HomeOptions> = {},
): Promise<T> {
  const folder = openDataFolder(undefined)
  process.once('exit', folder.leave)
  try {
    const home = await startHome({
      folder,
      keypadPort: await freePort(0),
      webPort: await freePort(0),
      embeddedBy: [],
      ...options,
    })
    process.once('exit', home.kill)
    try {
      return await play(home)
    } finally {
      await home.close()
      process.off('exit', home.kill)
    }
  } finally {
    folder.leave()
    process.off('exit', folder.leave)
  }
}
