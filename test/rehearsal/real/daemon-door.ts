/** A computer at a door with the real daemon. */
import { rmSync } from 'node:fs'
import { join } from 'node:path'
import { readConfig } from '../../../device/config/config.ts'
import { runDoor } from '../../support/door/running-door.ts'
import type { Broker } from '../../support/network/broker.ts'
import type { TestCa } from '../../support/network/test-ca.ts'
import { root } from '../../support/project-files.ts'
import type { Account } from '../account.ts'
import { uploadSnapshots } from '../snapshots.ts'
import type { Door } from '../stage.ts'
import { shell } from './shell.ts'

interface DaemonDoorOptions {
  readonly doorId: string
  readonly ca: TestCa
  readonly broker: Broker
  readonly account: Account
  settle(): Promise<void>
}

export interface DaemonDoor extends Door {
  close(): Promise<void>
}

export async function daemonDoor(options: DaemonDoorOptions): Promise<DaemonDoor> {
  const { doorId, ca, broker, account, settle } = options
  const identityDir = join(ca.folder, doorId)
  const daemon = await runDoor({
    startNow: false,
    config: {
      doorId,
      link: 'iot',
      iot: { port: broker.port, identityDir, authorityFile: ca.certificate },
    },
  })
  // Provisioning fetches it.
  rmSync(join(daemon.folder, 'door-key'))
  let visits = 0
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
      visits += 1
      const from = { account, settle, nowMs: Date.now, config: readConfig(daemon.configPath) }
      await uploadSnapshots(face, visits, from)
    },
    enter: async (code) => (await daemon.enter(code)).outcome,
    // The broker has the rules of the deployed policy, which a test holds it to.
    passesAs: async () => false,
    close: daemon.close,
  }
}
