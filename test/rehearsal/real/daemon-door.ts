/** A computer at a door with the real daemon. */
import { rmSync } from 'node:fs'
import { join } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import type { Person } from '../../../simulation/scenes/drawn-faces.ts'
import { drawnSize } from '../../../simulation/scenes/scene.ts'
import type { PlayedHome } from '../../support/door/played/played-home.ts'
import { runDoor } from '../../support/door/running-door.ts'
import { snapshots } from '../../support/drawn-snapshots.ts'
import type { Broker } from '../../support/network/broker.ts'
import type { TestCa } from '../../support/network/test-ca.ts'
import { root } from '../../support/project-files.ts'
import type { Account } from '../account.ts'
import type { Door } from '../stage.ts'
import { shell } from './shell.ts'

interface DaemonDoorOptions {
  readonly doorId: string
  readonly ca: TestCa
  readonly broker: Broker
  readonly account: Account
}

export interface DaemonDoor extends Door {
  close(): Promise<void>
}

export async function daemonDoor(options: DaemonDoorOptions): Promise<DaemonDoor> {
  const { doorId, ca, broker, account } = options
  const identityDir = join(ca.folder, doorId)
  const daemon = await runDoor({
    startNow: false,
    config: {
      doorId,
      link: 'iot',
      iot: {
        ...{ port: broker.port, credentialsPort: account.credentialsEndpoint.port },
        ...{ identityDir, authorityFile: ca.certificate },
      },
      uploads: { endpoint: account.aws.url },
      // No stand-in encodes film as fast as it comes.
      recording: { stream: false },
    },
  })
  // Provisioning fetches it.
  rmSync(join(daemon.folder, 'door-key'))
  let goneInAtMs = 0
  return {
    doorId,
    // The installer of a real door is root, and the program is in its path.
    run: (line) =>
      shell(line.replace(/^sudo -E smart-door/, 'npm run --silent smart-door --'), root, {
        ...account.environment,
        SMART_DOOR_CONFIG: daemon.configPath,
      }),
    start: daemon.start,
    async sees(face) {
      await sleep(Math.max(0, goneInAtMs - Date.now()))
      await stand(face, daemon.home)
    },
    async enter(code) {
      const { outcome } = await daemon.enter(code)
      if (outcome === 'accepted') goneInAtMs = Date.now() + goingInMs
      return outcome
    },
    // The broker has the rules of the deployed policy, which a test holds it to.
    passesAs: async () => false,
    close: daemon.close,
  }
}

const standsMs = 6_000
/** So long after an entry, motion does not open a visit. */
const goingInMs = 11_000
const pictureMs = 500

/** In front of the camera, whose pictures the daemon chooses snapshots from and uploads. */
async function stand(face: Person, { arrive, picture, leave }: PlayedHome): Promise<void> {
  arrive()
  for (let nth = 0; nth * pictureMs < standsMs; nth += 1) {
    picture(snapshots.front(face, nth), drawnSize)
    await sleep(pictureMs)
  }
  leave()
}
