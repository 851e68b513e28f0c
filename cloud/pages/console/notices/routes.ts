/** Which notices a member gets, on which devices, and whether they arrive. */
import { createHash } from 'node:crypto'
import * as z from 'zod/mini'
import type { WebDeps } from '../../../api/shared.ts'
import { deviceName } from '../../../members/core/device-name.ts'
import { isPushEndpoint } from '../../../notices/core/endpoint.ts'
import {
  mayHave,
  type NoticeSettings,
  type NoticeWay,
  noticeKinds,
  settingsOf,
} from '../../../notices/core/notice-settings.ts'
import { pushOne } from '../../../notices/notify.ts'
import type { NoticeDevice } from '../../../ports.ts'
import {
  type ConsoleRoute,
  formOf,
  get,
  goTo,
  type Here,
  invalidIn,
  notFoundIn,
  post,
} from '../console.ts'
import { clockOf, noticesPage, type Said } from './view.ts'

export const noticeRoutes = (deps: WebDeps): readonly ConsoleRoute[] => [
  get('/notices', 'viewer', (here) => show(deps, here)),
  post('/notices', 'viewer', (here) => save(deps, here)),
  post('/notices/devices', 'viewer', (here) => addDevice(deps, here)),
  post('/notices/devices/:device/test', 'viewer', (here) => testDevice(deps, here)),
  post('/notices/devices/:device/remove', 'viewer', (here) => removeDevice(deps, here)),
]

/** Only a member's own. */
async function own(deps: WebDeps, { member, role }: Here) {
  const stored = await deps.notices.of(member.household)
  return {
    settings: settingsOf(stored.settings.get(member.memberId), role),
    devices: stored.devices.filter(({ memberId }) => memberId === member.memberId),
  }
}

const saidSchema = z.enum(['saved', 'tested', 'notTested', 'foreign'])

async function show(deps: WebDeps, here: Here) {
  const { settings, devices } = await own(deps, here)
  const said = saidSchema.safeParse(here.context.req.query('said')).data ?? null
  const { fromMinute, toMinute } = settings.quiet ?? {}
  const typed = { from: clockOf(fromMinute), to: clockOf(toMinute) }
  return page(deps, here, { settings, devices, typed, said })
}

async function page(
  deps: WebDeps,
  here: Here,
  shown: {
    readonly settings: NoticeSettings
    readonly devices: readonly NoticeDevice[]
    readonly typed: { readonly from: string; readonly to: string }
    readonly said: Said | null
  },
) {
  const publicKey = await deps.push.publicKey()
  const html = noticesPage(here, { ...shown, publicKey, nowMs: deps.clock.nowMs() })
  return here.context.html(html, shown.said === 'badTimes' ? 422 : 200)
}

const time = z.string().check(z.maxLength(20))
/** A checkbox sends its name and `yes`. */
const formSchema = z.looseObject({ from: time, to: time })

async function save(deps: WebDeps, here: Here) {
  const form = await formOf(here, formSchema)
  if (!form) return invalidIn(here)
  const chosen = (way: NoticeWay) =>
    noticeKinds.filter((kind) => form[`${way}-${kind}`] === 'yes' && mayHave(here.role, kind, way))
  const [from, to] = [minuteIn(form.from), minuteIn(form.to)]
  const hasNone = form.from.trim() === '' && form.to.trim() === ''
  const settings = {
    ...{ mail: chosen('mail'), push: chosen('push') },
    quiet: from === null || to === null ? null : { fromMinute: from, toMinute: to },
    alarmsAlways: form['alarmsAlways'] === 'yes',
    knows: noticeKinds,
  }
  if (!hasNone && (settings.quiet === null || from === to)) {
    const { devices } = await own(deps, here)
    const typed = { from: form.from, to: form.to }
    return page(deps, here, { settings, devices, typed, said: 'badTimes' })
  }
  await deps.notices.putSettings(here.member.household, here.member.memberId, settings)
  return goTo(here, '/notices?said=saved')
}

function minuteIn(text: string): number | null {
  const [, hours, minutes] = /^\s*([01]?\d|2[0-3]):([0-5]\d)(?::00)?\s*$/.exec(text) ?? []
  return hours === undefined ? null : Number(hours) * 60 + Number(minutes)
}

// ---------------------------------------------------------------- devices

const key = (bytes: number) => z.string().check(z.regex(new RegExp(`^[\\w-]{${bytes}}=?=?$`)))
const deviceSchema = z.strictObject({
  endpoint: z.string().check(z.maxLength(1_000)),
  /** A point of P-256, and 16 bytes. */
  p256dh: key(87),
  auth: key(22),
})

const mostDevices = 10

async function addDevice(deps: WebDeps, here: Here) {
  const form = await formOf(here, deviceSchema)
  if (!form) return invalidIn(here)
  if (!isPushEndpoint(form.endpoint)) return goTo(here, '/notices?said=foreign')
  const { household, memberId } = here.member
  const { devices } = await own(deps, here)
  const deviceId = createHash('sha256').update(form.endpoint).digest('hex').slice(0, 32)
  const oldest = devices.filter((one) => one.deviceId !== deviceId).sort(byAge)[mostDevices - 1]
  if (oldest) await deps.notices.removeDevice(oldest, deps.clock.nowMs())
  await deps.notices.addDevice({
    ...{ household, memberId, deviceId, ...form },
    name: deviceName(here.context.req.header('user-agent') ?? ''),
    addedAtMs: deps.clock.nowMs(),
  })
  return goTo(here, '/notices')
}

const byAge = (one: NoticeDevice, other: NoticeDevice) => other.addedAtMs - one.addedAtMs

async function find(deps: WebDeps, here: Here): Promise<NoticeDevice | null> {
  const deviceId = here.context.req.param('device')
  return (await own(deps, here)).devices.find((one) => one.deviceId === deviceId) ?? null
}

async function testDevice(deps: WebDeps, here: Here) {
  const device = await find(deps, here)
  if (!device) return notFoundIn(here)
  const { test: title, testBody: body } = here.words.notices.push
  const result = await pushOne(deps, device, { title, body, url: '/notices', tag: 'test' }).catch(
    () => 'failed' as const,
  )
  return goTo(here, `/notices?said=${result === 'delivered' ? 'tested' : 'notTested'}`)
}

async function removeDevice(deps: WebDeps, here: Here) {
  const device = await find(deps, here)
  if (!device) return notFoundIn(here)
  await deps.notices.removeDevice(device, deps.clock.nowMs())
  return goTo(here, '/notices')
}
