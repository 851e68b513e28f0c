/** The kiosk shows the keypad page, and a keyboard at the Pi leads nowhere else. */
import { spawn, spawnSync } from 'node:child_process'
import { once } from 'node:events'
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { createServer, type Server } from 'node:http'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { testProof } from '../support/effort.ts'
import { portOf } from '../support/network/port-of.ts'

const systemd = join(import.meta.dirname, '../../systemd')
let folder: string
let server: Server
/** Host and path of every request. */
const asked: string[] = []
const page = `<iframe></iframe><script>
  const { port } = location
  document.querySelector('iframe').src = 'http://127.0.0.2:' + port + '/other'
  setTimeout(() => fetch('/last'), 3_000)
</script>`

beforeAll(async () => {
  folder = mkdtempSync(join(tmpdir(), 'kiosk-'))
  server = createServer(({ headers, url }, response) => {
    asked.push(`${headers.host?.replace(/:.*/, '')} ${url}`)
    response.setHeader('content-type', 'text/html').end(url === '/' ? page : '')
  })
  await new Promise<void>((done) => server.listen(0, done))
})
afterAll(() => {
  server.close()
  rmSync(folder, { recursive: true })
})

test('the compositor starts when the page is there, and switches to no other console', () => {
  const program = (name: string, script: string) =>
    writeFileSync(join(folder, name), `#!/bin/sh\n${script}\n`, { mode: 0o755 })
  program('chromium', 'exit 0')
  program('cage', `echo "$@" >'${folder}/called'`)
  program('curl', `[ -e '${folder}/up' ]`)
  program('sleep', `: >'${folder}/up'`)
  const { status } = spawnSync(join(systemd, 'kiosk'), {
    env: { PATH: `${folder}:/usr/bin:/bin`, HOME: folder },
  })
  const called = readFileSync(join(folder, 'called'), 'utf8')
  expect([status, called]).toEqual([
    0,
    expect.stringMatching(/^-- \S*chromium --kiosk --app=http:\/\/127\.0\.0\.1:4100\/ /),
  ])
})

const policy = join(systemd, 'chromium/policy.json')

/** Shows a page of this computer in Chromium, which goes on to another address at once. */
async function visited(policies: string | null): Promise<string[]> {
  asked.splice(0)
  const managed = '/etc/chromium/policies/managed'
  const steps = [
    'mount -t tmpfs tmpfs /etc/chromium',
    `mkdir -p ${managed}`,
    policies === null ? 'true' : `cp '${policies}' ${managed}/`,
    `exec chromium --headless --no-sandbox --disable-gpu --user-data-dir='${folder}/browser' ` +
      `http://127.0.0.1:${portOf(server)}/`,
  ]
  const alone = process.getuid?.() === 0 ? '-m' : '-rm'
  const browser = spawn('unshare', [alone, 'sh', '-c', steps.join(' && ')], { stdio: 'ignore' })
  try {
    await expect.poll(() => asked, { timeout: 60_000 }).toContain('127.0.0.1 /last')
    return asked.filter((address) => address.startsWith('127.0.0.2'))
  } finally {
    browser.kill('SIGKILL')
    await once(browser, 'exit')
  }
}

testProof('the policy admits pages of this computer only', async () => {
  expect(await visited(null)).toContain('127.0.0.2 /other')
  expect(await visited(policy)).toEqual([])
})

test('the unit binds the policy to where Chromium looks for it', () => {
  const unit = readFileSync(join(systemd, 'smart-door-kiosk.service'), 'utf8')
  expect(unit).toContain(
    'BindReadOnlyPaths=/opt/smart-door/current/systemd/chromium:/etc/chromium/policies/managed\n',
  )
  expect(unit).toMatch(/^IPAddressDeny=any\nIPAddressAllow=localhost$/m)
  expect(unit).not.toMatch(/^SupplementaryGroups=.*\b(video|input)\b/m)
})
