import { expect, test } from 'vitest'
import { smsEndUserMessaging } from '../../../cloud/aws/sms/end-user-messaging.ts'
import { startAws } from '../../../simulation/aws/server.ts'
import { sms, smsContract } from '../../contracts/cloud/sms.ts'
import {
  clientSettings,
  json,
  startScriptedService,
} from '../../support/network/scripted-service.ts'

smsContract('End User Messaging', {
  make: (settings) => smsEndUserMessaging(settings, 'DOOR'),
  service: 'sms-voice',
  emptyAnswer: json(200, {}, '1.0'),
  refusal: (words: string) =>
    json(400, { __type: 'ValidationException', Message: words, message: words }, '1.0'),
})

test('End User Messaging sends from the chosen origin', async () => {
  const standIn = await startAws()
  await smsEndUserMessaging(clientSettings(standIn.url), 'DOOR').send(sms)
  expect(standIn.texts[0]).toMatchObject({ via: 'end-user-messaging', origin: 'DOOR' })
  expect(standIn.texts[0]?.body).toBe(sms.body)
  await standIn.close()
})

test('an SMS expires together with its code', async () => {
  const scripted = await startScriptedService()
  scripted.answer(json(200, { MessageId: '1' }, '1.0'))
  await smsEndUserMessaging(clientSettings(scripted.url), 'DOOR').send(sms)
  expect(JSON.parse(scripted.asked[0] ?? '')).toMatchObject({ TimeToLive: 300 })
  await scripted.close()
})
