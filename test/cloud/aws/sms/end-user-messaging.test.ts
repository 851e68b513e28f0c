import { expect, test } from 'vitest'
import { smsEndUserMessaging } from '../../../../cloud/aws/sms/end-user-messaging.ts'
import { parseTextReport } from '../../../../cloud/aws/sms/text-report.ts'
import { startAws } from '../../../../simulation/aws/server.ts'
import { sms, smsContract } from '../../../contracts/cloud/sms.ts'
import {
  clientSettings,
  json,
  startScriptedService,
} from '../../../support/network/scripted-service.ts'

smsContract('End User Messaging', {
  make: (settings) =>
    smsEndUserMessaging(settings, { origin: 'DOOR', configurationSet: 'reports' }),
  service: 'sms-voice',
  emptyAnswer: json(200, {}, '1.0'),
  refusal: (words: string) =>
    json(400, { __type: 'ValidationException', Message: words, message: words }, '1.0'),
})

test('End User Messaging sends from the chosen origin', async () => {
  const standIn = await startAws()
  await smsEndUserMessaging(clientSettings(standIn.url), { origin: 'DOOR' }).send(sms)
  expect(standIn.texts[0]).toMatchObject({ via: 'end-user-messaging', origin: 'DOOR' })
  expect(standIn.texts[0]?.body).toBe(sms.body)
  await standIn.close()
})

test('the report of a text names its grant and not its number', async () => {
  const scripted = await startScriptedService()
  scripted.answer(json(200, { MessageId: '1' }, '1.0'))
  const sender = { origin: 'DOOR', configurationSet: 'reports' }
  await smsEndUserMessaging(clientSettings(scripted.url), sender).send(sms)
  const asked = JSON.parse(scripted.asked[0] ?? '')
  expect(asked.ConfigurationSetName).toBe('reports')
  // As in AWS's example of an event.
  const event = { eventType: 'TEXT_SUCCESSFUL', eventVersion: '1.0', context: asked.Context }
  expect(parseTextReport({ ...event, destinationPhoneNumber: sms.to })).toEqual({
    ...{ ref: sms.grant, outcome: 'confirmed', reason: 'TEXT_SUCCESSFUL' },
  })
  await scripted.close()
})

test.each([
  ['TEXT_DELIVERED', 'confirmed'],
  ['TEXT_CARRIER_UNREACHABLE', 'failed'],
  ['TEXT_PROTECT_BLOCKED', 'failed'],
  ['TEXT_TTL_EXPIRED', 'failed'],
])('a report of %s means that the text is %s', (eventType, outcome) => {
  const { doorId, grantId, tag } = sms.grant
  const report = parseTextReport({ eventType, context: { doorId, grantId, tag } })
  expect(report).toMatchObject({ outcome })
})

test('a report of a text under way, or of another program, is of no interest', () => {
  const { doorId, grantId, tag } = sms.grant
  const underWay = { eventType: 'TEXT_PENDING', context: { doorId, grantId, tag } }
  expect(parseTextReport(underWay)).toBe('of-no-interest')
  expect(parseTextReport({ eventType: 'TEXT_DELIVERED' })).toBe('of-no-interest')
  expect(parseTextReport(sms.grant)).toBeNull()
})

test('an SMS expires together with its code', async () => {
  const scripted = await startScriptedService()
  scripted.answer(json(200, { MessageId: '1' }, '1.0'))
  await smsEndUserMessaging(clientSettings(scripted.url), { origin: 'DOOR' }).send(sms)
  expect(JSON.parse(scripted.asked[0] ?? '')).toMatchObject({ TimeToLive: 300 })
  await scripted.close()
})
