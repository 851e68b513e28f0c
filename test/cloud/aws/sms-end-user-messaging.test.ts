import { PinpointSMSVoiceV2Client } from '@aws-sdk/client-pinpoint-sms-voice-v2'
import { expect, test } from 'vitest'
import { textsEndUserMessaging } from '../../../cloud/aws/sms/end-user-messaging.ts'
import { startAws } from '../../../simulation/aws/server.ts'
import { text, textsContract } from '../../contracts/cloud/sms.ts'
import {
  type ClientSettings,
  clientSettings,
  json,
  startScriptedService,
} from '../../support/network/scripted-service.ts'

const made = (settings: ClientSettings, templateId: string | null) =>
  textsEndUserMessaging({
    client: new PinpointSMSVoiceV2Client(settings),
    origin: templateId ? 'nc-0123456789abcdef0' : 'DOOR',
    templateId,
  })

const replies = {
  service: 'sms-voice',
  emptyAnswer: json(200, {}, '1.0'),
  refusal: (words: string) =>
    json(400, { __type: 'ValidationException', Message: words, message: words }, '1.0'),
} as const

textsContract('End User Messaging', { make: (settings) => made(settings, null), ...replies })
textsContract('Notify', { make: (settings) => made(settings, 'code-english-001'), ...replies })

test('our own words go from our own number', async () => {
  const standIn = await startAws()
  await made(clientSettings(standIn.url), null).send(text)
  expect(standIn.texts[0]).toMatchObject({ via: 'end-user-messaging', origin: 'DOOR' })
  expect(standIn.texts[0]?.body).toBe(text.body)
  await standIn.close()
})

test('of a template only the code is ours', async () => {
  const standIn = await startAws()
  await made(clientSettings(standIn.url), 'code-english-001').send(text)
  expect(standIn.texts[0]).toMatchObject({
    via: 'notify',
    origin: 'nc-0123456789abcdef0',
    template: { id: 'code-english-001', variables: { code: text.code } },
  })
  await standIn.close()
})

test.each([null, 'code-english-001'])('no text arrives after its code is over (%s)', async (id) => {
  const scripted = await startScriptedService()
  scripted.answer(json(200, { MessageId: '1' }, '1.0'))
  await made(clientSettings(scripted.url), id).send(text)
  expect(JSON.parse(scripted.asked[0] ?? '')).toMatchObject({ TimeToLive: 300 })
  await scripted.close()
})
