import { SNSClient } from '@aws-sdk/client-sns'
import { expect, test } from 'vitest'
import { textsSns } from '../../../cloud/aws/sms/sns.ts'
import { startAws } from '../../../simulation/aws/server.ts'
import { text, textsContract } from '../../contracts/cloud/sms.ts'
import {
  clientSettings,
  startScriptedService,
  xml,
} from '../../support/network/scripted-service.ts'

textsContract('SNS', {
  make: (settings) => textsSns({ client: new SNSClient(settings), senderId: null }),
  service: 'sns',
  emptyAnswer: xml(200, '<PublishResponse><PublishResult></PublishResult></PublishResponse>'),
  refusal: (words) =>
    xml(
      400,
      `<ErrorResponse><Error><Type>Sender</Type><Code>InvalidParameter</Code><Message>${words}</Message></Error></ErrorResponse>`,
    ),
})

test('a sender id is shown when there is one', async () => {
  const standIn = await startAws()
  const client = new SNSClient(clientSettings(standIn.url))
  await textsSns({ client, senderId: 'DOOR' }).send(text)
  await textsSns({ client, senderId: null }).send(text)
  expect(standIn.texts.map(({ origin }) => origin)).toEqual(['DOOR', null])
  await standIn.close()
})

test('texts go as transactional ones, which a carrier delivers first', async () => {
  const scripted = await startScriptedService()
  scripted.answer(
    xml(
      200,
      '<PublishResponse><PublishResult><MessageId>1</MessageId></PublishResult></PublishResponse>',
    ),
  )
  const client = new SNSClient(clientSettings(scripted.url))
  await textsSns({ client, senderId: null }).send(text)
  const form = new URLSearchParams(scripted.asked[0])
  expect(form.get('MessageAttributes.entry.1.Name')).toBe('AWS.SNS.SMS.SMSType')
  expect(form.get('MessageAttributes.entry.1.Value.StringValue')).toBe('Transactional')
  await scripted.close()
})
