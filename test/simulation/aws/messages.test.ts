/** Mail, texts, topics and IoT: what was sent can be read, and what AWS would refuse is refused. */
import { PublishCommand as IotPublishCommand } from '@aws-sdk/client-iot-data-plane'
import { DescribePoolsCommand, SendTextMessageCommand } from '@aws-sdk/client-pinpoint-sms-voice-v2'
import { GetDedicatedIpsCommand, SendEmailCommand } from '@aws-sdk/client-sesv2'
import { CreateTopicCommand, PublishCommand } from '@aws-sdk/client-sns'
import { afterAll, beforeAll, beforeEach, expect, test } from 'vitest'
import type { PublishedMessage } from '../../../simulation/aws/iot/data-plane.ts'
import { type AwsServer, startAws } from '../../../simulation/aws/server.ts'
import { awsClients, failureOf, settingsFor } from './aws-clients.ts'

const topic = 'arn:aws:sns:eu-central-1:000000000000:alarms'
const heard: PublishedMessage[] = []
let aws: AwsServer
let clients: ReturnType<typeof awsClients>

beforeAll(async () => {
  aws = await startAws({
    topics: [topic],
    nowMs: () => 5000,
    onPublish: (message) => void heard.push(message),
  })
  clients = awsClients(settingsFor(aws.url))
})
beforeEach(() => {
  heard.length = 0
})
afterAll(async () => {
  clients.destroy()
  await aws.close()
})

const simple = {
  Subject: { Data: 'Somebody is at the door – ü' },
  Body: { Text: { Data: 'plain' }, Html: { Data: '<img src="cid:face">' } },
}

test('A mail with an inline picture is in the mailbox as it was sent', async () => {
  const RawContent = new Uint8Array([0xff, 0xd8, 0, 1, 2])
  const answer = await clients.ses.send(
    new SendEmailCommand({
      FromEmailAddress: 'Door <door@example.com>',
      Destination: { ToAddresses: ['owner@example.com'], CcAddresses: ['other@example.com'] },
      Content: {
        Simple: {
          ...simple,
          Attachments: [
            {
              ...{ RawContent, FileName: 'face.jpg', ContentType: 'image/jpeg' },
              ...{ ContentId: 'face', ContentDisposition: 'INLINE' },
            },
          ],
        },
      },
    }),
  )
  const mail = aws.mailbox.at(-1)
  expect(mail).toMatchObject({
    messageId: answer.MessageId,
    atMs: 5000,
    from: 'Door <door@example.com>',
    to: ['owner@example.com'],
    cc: ['other@example.com'],
    subject: 'Somebody is at the door – ü',
    text: 'plain',
    html: '<img src="cid:face">',
    attachments: [
      { fileName: 'face.jpg', contentType: 'image/jpeg', contentId: 'face', inline: true },
    ],
  })
  expect(mail?.attachments[0]?.bytes).toEqual(RawContent)
})

test('A raw mail is stored raw', async () => {
  const Data = Buffer.from('From: a@example.com\r\nSubject: Hello\r\n there\r\n\r\nbody')
  await clients.ses.send(
    new SendEmailCommand({
      FromEmailAddress: 'a@example.com',
      Destination: { ToAddresses: ['b@example.com'] },
      Content: { Raw: { Data } },
    }),
  )
  expect(aws.mailbox.at(-1)).toMatchObject({ subject: 'Hello there', text: null })
  expect(Buffer.from(aws.mailbox.at(-1)?.raw ?? [])).toEqual(Data)
})

test('A mail without recipient, sender or body is refused', async () => {
  const before = aws.mailbox.length
  const send = (input: ConstructorParameters<typeof SendEmailCommand>[0]) =>
    failureOf(clients.ses.send(new SendEmailCommand(input)))
  const Destination = { ToAddresses: ['b@example.com'] }
  const bad = { name: 'BadRequestException', status: 400 }
  expect(await send({ FromEmailAddress: 'a@example.com', Content: { Simple: simple } })).toEqual(
    bad,
  )
  expect(await send({ Destination, Content: { Simple: simple } })).toEqual(bad)
  const from = { FromEmailAddress: 'a@example.com', Destination }
  expect(await send({ ...from, Content: { Simple: { ...simple, Body: {} } } })).toEqual(bad)
  const Template = { TemplateName: 'x', TemplateData: '{}' }
  expect((await send({ ...from, Content: { Template } })).status).toBe(501)
  expect(aws.mailbox).toHaveLength(before)
})

test('A text by SNS reaches the phone, with its sender id', async () => {
  const answer = await clients.sns.send(
    new PublishCommand({
      PhoneNumber: '+4915112345678',
      Message: 'Code 123 & more\n+ ü',
      MessageAttributes: { 'AWS.SNS.SMS.SenderID': { DataType: 'String', StringValue: 'Door' } },
    }),
  )
  expect(aws.texts.at(-1)).toEqual({
    via: 'sns',
    messageId: answer.MessageId,
    atMs: 5000,
    to: '+4915112345678',
    body: 'Code 123 & more\n+ ü',
    origin: 'Door',
  })
})

test('SNS refuses a wrong phone number, an unknown topic and an empty message', async () => {
  const send = (input: ConstructorParameters<typeof PublishCommand>[0]) =>
    failureOf(clients.sns.send(new PublishCommand(input)))
  const invalid = { name: 'InvalidParameterException', status: 400 }
  expect(await send({ PhoneNumber: '015112345678', Message: 'x' })).toEqual(invalid)
  expect(await send({ PhoneNumber: '+4915112345678', Message: '' })).toEqual(invalid)
  expect(await send({ TopicArn: `${topic}-none`, Message: 'x' })).toEqual({
    name: 'NotFoundException',
    status: 404,
  })
  const made = clients.sns.send(new CreateTopicCommand({ Name: 'new' }))
  expect((await failureOf(made)).status).toBe(501)
})

test('A message to a topic is stored', async () => {
  await clients.sns.send(new PublishCommand({ TopicArn: topic, Subject: 'Alarm', Message: 'x' }))
  expect(aws.notices.at(-1)).toMatchObject({ topicArn: topic, subject: 'Alarm', message: 'x' })
})

test('End User Messaging sends a text and refuses a wrong number', async () => {
  const DestinationPhoneNumber = '+12065550100'
  const ours = await clients.smsVoice.send(
    new SendTextMessageCommand({
      DestinationPhoneNumber,
      MessageBody: 'ours',
      OriginationIdentity: 'pool',
    }),
  )
  expect(aws.texts.at(-1)).toMatchObject({
    via: 'end-user-messaging',
    messageId: ours.MessageId,
    body: 'ours',
    origin: 'pool',
  })
  const bad = clients.smsVoice.send(
    new SendTextMessageCommand({ DestinationPhoneNumber: '110', MessageBody: 'x' }),
  )
  expect(await failureOf(bad)).toEqual({ name: 'ValidationException', status: 400 })
  const unknown = clients.smsVoice.send(new DescribePoolsCommand({}))
  expect((await failureOf(unknown)).status).toBe(501)
})

test('A message published to a door arrives byte for byte', async () => {
  const payload = new Uint8Array([123, 0, 255, 125])
  await clients.iot.send(
    new IotPublishCommand({ topic: 'door/v1/maple-street_front/cmd/grant', qos: 1, payload }),
  )
  expect(heard).toEqual([
    {
      ...{ atMs: 5000, topic: 'door/v1/maple-street_front/cmd/grant', payload },
      ...{ qos: 1, retain: false, expirySeconds: null },
    },
  ])
  expect(aws.published.at(-1)).toBe(heard[0])
  const wild = clients.iot.send(new IotPublishCommand({ topic: 'door/+/cmd', payload }))
  expect(await failureOf(wild)).toEqual({ name: 'InvalidRequestException', status: 400 })
})

test('An unknown call never succeeds', async () => {
  expect((await failureOf(clients.ses.send(new GetDedicatedIpsCommand({})))).status).toBe(501)
})
