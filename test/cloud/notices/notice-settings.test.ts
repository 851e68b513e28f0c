/** Which notices are wanted when, and where pushes may be sent. */
import { expect, test } from 'vitest'
import { isPushEndpoint } from '../../../cloud/notices/core/endpoint.ts'
import { isWanted, usualNotices } from '../../../cloud/notices/core/notice-settings.ts'

test.each([
  ['https://fcm.googleapis.com/fcm/send/abc', true],
  ['https://web.push.apple.com/abc', true],
  ['https://wns2-am3p.notify.windows.com/w/?token=a', true],
  ['https://fcm.googleapis.com:8443/', false],
  ['https://user@fcm.googleapis.com/', false],
  ['https://fcm.googleapis.com.evil.example/', false],
  ['https://evilpush.apple.com/', false],
  ['https://localhost/', false],
  ['https://[::1]/', false],
  ['file:///etc/passwd', false],
])('%s is an endpoint: %s', (url, is) => expect(isPushEndpoint(url)).toBe(is))

test('quiet hours go past midnight, in the household’s own time', () => {
  const quiet = { fromMinute: 22 * 60, toMinute: 7 * 60 }
  const settings = { ...usualNotices('owner'), quiet }
  const at = (time: string) => ({ nowMs: Date.parse(time), timeZone: 'Europe/Berlin' })
  const bell = (time: string) => isWanted(settings, 'bell', 'push', at(time))
  // Berlin is an hour ahead of UTC in winter, and two in summer.
  expect(bell('2026-01-10T20:59:00Z')).toBe(true)
  expect(bell('2026-01-10T21:00:00Z')).toBe(false)
  expect(bell('2026-07-10T20:00:00Z')).toBe(false)
  expect(bell('2026-01-10T05:59:00Z')).toBe(false)
  expect(bell('2026-01-10T06:00:00Z')).toBe(true)
  const night = at('2026-01-10T23:00:00Z')
  expect(isWanted(settings, 'alarm', 'push', night)).toBe(true)
  expect(isWanted({ ...settings, alarmsAlways: false }, 'alarm', 'mail', night)).toBe(false)
})
