/** The app for tablets with two paired ones, on a port of its own. */
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { KeypadPages } from '../../../device/http/keypad-pages.ts'
import { buildTabletApp, type TabletAppDeps } from '../../../device/http/tablets/tablet-app.ts'
import { ensureCertificate } from '../../../device/tablets/certificate.ts'
import { PairedTablets } from '../../../device/tablets/paired-tablets.ts'
import { stubDoor } from '../door/stub-door.ts'
import { portOf } from '../network/port-of.ts'

const pageFolder = fileURLToPath(new URL('../../../keypad-ui', import.meta.url))

export async function listeningTabletApp(deps: Partial<TabletAppDeps> = {}) {
  const folder = mkdtempSync(join(tmpdir(), 'tablets-'))
  const paired = new PairedTablets(folder)
  const tabletNamed = (name: string) => {
    const { id, secret } = paired.add(name, 0)
    return { id, cookie: `__Host-keypad=${secret}` }
  }
  const door = stubDoor()
  const pages = new KeypadPages()
  const { certificate } = ensureCertificate(folder, ['door.local'], Date.now())
  const built = buildTabletApp({
    door,
    pages,
    pageFolder,
    identity: certificate,
    names: ['door.local'],
    log: { error: () => {}, info: () => {} },
    tablets: {
      has: paired.has,
      bySecret: (secret) => paired.bySecret(secret),
      pair: (code) => (code === 'GOODCODE' ? paired.add('New', 0) : null),
    },
    ...deps,
  })
  await built.app.listen({ host: '127.0.0.1', port: 0 })
  return {
    ...built,
    door,
    pages,
    paired,
    certificate,
    hall: tabletNamed('Hall'),
    garden: tabletNamed('Garden'),
    port: portOf(built.app.server),
    async close() {
      await built.app.close()
      rmSync(folder, { recursive: true })
    },
  }
}
