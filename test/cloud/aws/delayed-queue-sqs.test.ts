import { ReceiveMessageCommand, SQSClient } from '@aws-sdk/client-sqs'
import { laterSqs } from '../../../cloud/aws/sqs/delayed-queue.ts'
import { laterContract } from '../../contracts/cloud/delayed-queue.ts'
import { json } from '../../support/network/scripted-service.ts'

laterContract('SQS', {
  make: (settings, urlOf) =>
    laterSqs({
      client: new SQSClient(settings),
      checkGrantUrl: urlOf('check-grant'),
      settleVisitUrl: urlOf('settle-visit'),
    }),
  async receive(settings, url) {
    const asked = new ReceiveMessageCommand({ QueueUrl: url, MaxNumberOfMessages: 10 })
    const { Messages = [] } = await new SQSClient(settings).send(asked)
    return Messages.map(({ Body = '' }) => Body)
  },
  service: 'sqs',
  emptyAnswer: json(200, {}, '1.0'),
})
