/** Notices: who gets which, by mail or push, and what the page says about it. */
import { afterEach, beforeEach, expect, test } from 'vitest'
import { consoleWords } from '../../../../cloud/translations/console/words.ts'
import { household, newId } from '../../../support/cloud/cloud-home.ts'
import { type ConsoleHome, consoleHome, type Person } from '../../../support/cloud/console-home.ts'
import { strangerRings } from '../../../support/cloud/web-home.ts'

const words = consoleWords.en.notices
let home: ConsoleHome
beforeEach(async () => {
  home = await consoleHome()
})
afterEach(() => home.close())

const stored = () => home.cloud.deps.notices.of(household)
const pushes = (endpoint?: string) =>
  home.cloud.push.received
    .filter((one) => endpoint === undefined || one.endpoint === endpoint)
    .map(({ text }) => JSON.parse(text))
const mails = () => home.cloud.aws.mailbox.length

/** As the page's script does it. */
async function addDevice(as: Person) {
  const { text } = await home.open('/notices', as)
  const subscription = home.cloud.push.subscribe(/data-key="([\w-]+)"/.exec(text)?.[1] ?? '')
  const { status } = await home.send('/notices/devices', { ...subscription }, as)
  expect(status).toBe(303)
  return subscription.endpoint
}

const choose = (as: Person, fields: Record<string, string>) =>
  home.send('/notices', { from: '', to: '', ...fields }, as)

test('a push names the visitor’s picture, and disappears everywhere when it is answered', async () => {
  const [owner, member] = [await addDevice('owner'), await addDevice('member')]
  const before = mails()
  const { request, face, visitId } = await strangerRings(home)
  const [first] = pushes(owner)
  expect(first).toMatchObject({ title: 'A visitor is at Front door', url: `/requests/${request}` })
  expect((await home.open(first.picture)).headers.get('content-type')).toBe('image/jpeg')
  expect(pushes(member)).toEqual([first])
  expect(mails()).toBe(before + 1)
  await home.send(`/requests/${request}/deny`, { face })
  for (const endpoint of [owner, member]) {
    expect(pushes(endpoint).at(-1)).toMatchObject({ tag: first.tag, closes: true })
  }
  await home.cloud.says({ type: 'bell-rung', visitId })
  expect(pushes(owner).at(-1)).toMatchObject({
    tag: first.tag,
    title: 'The bell rings at Front door',
  })
})

test('owners who choose nothing get the mails that they always got', async () => {
  await strangerRings(home)
  await home.cloud.says({ type: 'bell-rung', visitId: newId() })
  await home.cloud.says({ type: 'door-forced' })
  const subjects = home.cloud.aws.mailbox.map(({ to, subject }) => [to[0], subject])
  expect(subjects).toEqual([
    ['owner@example.org', expect.stringMatching(/Front door/)],
    ['owner@example.org', expect.stringMatching(/forced/)],
  ])
  expect(pushes()).toEqual([])
})

test('a kind that was switched off is not sent, and one that was switched on is', async () => {
  const endpoint = await addDevice('owner')
  await choose('owner', { 'push-entry': 'yes', 'mail-bell': 'yes' })
  const before = mails()
  await home.cloud.says({ type: 'door-forced' })
  await home.cloud.says({ type: 'bell-rung', visitId: newId() })
  expect(home.cloud.aws.mailbox.slice(before).map(({ subject }) => subject)).toEqual([
    'The bell rings at Front door',
  ])
  expect(pushes(endpoint)).toEqual([])
})

test('a member cannot choose the mail whose reader decides', async () => {
  await choose('member', { 'mail-request': 'yes', 'mail-alarm': 'yes' })
  expect((await stored()).settings.get('max')?.mail).toEqual(['alarm'])
  await strangerRings(home)
  expect(home.cloud.aws.mailbox.map(({ to }) => to)).toEqual([['owner@example.org']])
})

test('a device that its push service does not know any more is marked so, and sent nothing', async () => {
  const endpoint = await addDevice('owner')
  const deviceId = (await stored()).devices[0]?.deviceId
  const testIt = () => home.send(`/notices/devices/${deviceId}/test`, {})
  expect((await testIt()).location).toBe('/notices?said=tested')
  expect(pushes(endpoint)).toMatchObject([{ title: words.push.test }])
  expect((await home.open('/notices')).text).toContain(words.delivered)
  home.cloud.push.forget(endpoint)
  await home.cloud.says({ type: 'door-forced' })
  expect((await stored()).devices[0]?.goneAtMs).toBeGreaterThan(0)
  expect((await home.open('/notices')).text).toContain(words.gone)
  await home.send(`/notices/devices/${deviceId}/remove`, {})
  expect((await stored()).devices).toEqual([])
})

test('nothing is sent to who was removed', async () => {
  const endpoint = await addDevice('member')
  await home.cloud.deps.households.removeMember(household, 'max', home.cloud.clock.nowMs())
  await strangerRings(home)
  expect(pushes(endpoint)).toEqual([])
})

test('a device belongs to its member only', async () => {
  await addDevice('owner')
  const { deviceId } = (await stored()).devices[0] ?? {}
  for (const as of ['member', 'viewer', 'stranger'] as const) {
    expect((await home.open('/notices', as)).text).not.toContain(deviceId)
    for (const what of ['test', 'remove']) {
      expect((await home.send(`/notices/devices/${deviceId}/${what}`, {}, as)).status).toBe(404)
    }
  }
  expect((await stored()).devices).toHaveLength(1)
  expect(pushes()).toEqual([])
})

test('only a push service can be an endpoint', async () => {
  const keys = home.cloud.push.subscribe('')
  for (const endpoint of [
    'https://169.254.169.254/latest',
    'http://updates.push.services.mozilla.com/1',
    'x',
  ]) {
    const { location } = await home.send('/notices/devices', { ...keys, endpoint })
    expect([endpoint, location]).toEqual([endpoint, '/notices?said=foreign'])
  }
  expect((await home.send('/notices/devices', { ...keys, p256dh: 'short' })).status).toBe(400)
  expect((await stored()).devices).toEqual([])
})

test('times that are no times are refused, and stay typed', async () => {
  const { status, text } = await choose('owner', { from: '22:00', to: '"<7' })
  expect([status, text.includes(words.badTimes)]).toEqual([422, true])
  expect(text).toContain('value="&quot;&lt;7"')
  expect((await choose('owner', { from: '22:00', to: '07:00', alarmsAlways: 'yes' })).status).toBe(
    303,
  )
  expect((await home.open('/notices')).text).toContain('value="07:00"')
})

test('the app can be installed', async () => {
  const page = await home.open('/notices')
  expect(page.headers.get('content-security-policy')).toContain("manifest-src 'self'")
  const manifest = JSON.parse((await home.open('/console/app.webmanifest', null)).text)
  expect(manifest).toMatchObject({ display: 'standalone', start_url: '/' })
  for (const { src, type } of manifest.icons) {
    expect((await home.open(src, null)).headers.get('content-type')).toContain(type)
  }
})
