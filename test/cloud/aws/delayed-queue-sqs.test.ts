import { ReceiveMessageCommand, SQSClient } from '@aws-sdk/client-sqs'
import { delayedQueueSqs } from '../../../cloud/aws/sqs/delayed-queue.ts'
import { delayedQueueContract } from '../../contracts/cloud/delayed-queue.ts'
import { json } from '../../support/network/scripted-service.ts'

delayedQueueContract('SQS', {
  make: (settings, urlOf) =>
    delayedQueueSqs(settings, {
      checkGrant: urlOf('check-grant'),
      settleVisit: urlOf('settle-visit'),
    }),
  async receive(settings, url) {
    const asked = new ReceiveMessageCommand({ QueueUrl: url, MaxNumberOfMessages: 10 })
    const { Messages = [] } = await new SQSClient(settings).send(asked)
    return Messages.map(({ Body = '' }) => Body)
  },
  service: 'sqs',
  emptyAnswer: json(200, {}, '1.0'),
})
