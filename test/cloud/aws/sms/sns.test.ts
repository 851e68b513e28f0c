import { expect, test } from 'vitest'
import { smsSns } from '../../../../cloud/aws/sms/sns.ts'
import { startAws } from '../../../../simulation/aws/server.ts'
import { sms, smsContract } from '../../../contracts/cloud/sms.ts'
import {
  clientSettings,
  startScriptedService,
  xml,
} from '../../../support/network/scripted-service.ts'

smsContract('SNS', {
  make: (settings) => smsSns(settings, null),
  service: 'sns',
  emptyAnswer: xml(200, '<PublishResponse><PublishResult></PublishResult></PublishResponse>'),
  refusal: (words) =>
    xml(
      400,
      `<ErrorResponse><Error><Type>Sender</Type><Code>InvalidParameter</Code><Message>${words}</Message></Error></ErrorResponse>`,
    ),
})

test('SNS shows a sender id when there is one', async () => {
  const standIn = await startAws()
  const settings = clientSettings(standIn.url)
  await smsSns(settings, 'DOOR').send(sms)
  await smsSns(settings, null).send(sms)
  expect(standIn.texts.map(({ origin }) => origin)).toEqual(['DOOR', null])
  await standIn.close()
})

test('SNS sends transactional SMS, which carriers deliver first', async () => {
  const scripted = await startScriptedService()
  scripted.answer(
    xml(
      200,
      '<PublishResponse><PublishResult><MessageId>1</MessageId></PublishResult></PublishResponse>',
    ),
  )
  await smsSns(clientSettings(scripted.url), null).send(sms)
  const form = new URLSearchParams(scripted.asked[0])
  expect(form.get('MessageAttributes.entry.1.Name')).toBe('AWS.SNS.SMS.SMSType')
  expect(form.get('MessageAttributes.entry.1.Value.StringValue')).toBe('Transactional')
  await scripted.close()
})
