/** The keypad app on a port of its own, for tests that need real connections. */
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { buildKeypadApp, type KeypadAppDeps } from '../../../device/http/keypad-app.ts'
import { stubDoor } from '../door/stub-door.ts'
import { portOf } from './port-of.ts'

interface Fault {
  readonly data: object
  readonly text: string
}

export function builtApp(deps: Partial<KeypadAppDeps> = {}) {
  const faults: Fault[] = []
  const pageFolder = deps.pageFolder ?? mkdtempSync(join(tmpdir(), 'keypad-page-'))
  const app = buildKeypadApp({
    door: stubDoor(),
    log: { error: (data, text) => faults.push({ data, text }) },
    listenHost: '127.0.0.1',
    ...deps,
    pageFolder,
  })
  app.addHook('onClose', async () => {
    if (deps.pageFolder === undefined) rmSync(pageFolder, { recursive: true })
  })
  return { app, faults }
}

export async function listeningApp(deps: Partial<KeypadAppDeps> = {}, wantedPort = 0) {
  const built = builtApp(deps)
  await built.app.listen({ host: '127.0.0.1', port: wantedPort })
  return { ...built, port: portOf(built.app.server) }
}
