/** Messages from the cloud to itself: SQS delivers them later, at least once. */
import { SendMessageCommand, SQSClient, type SQSClientConfig } from '@aws-sdk/client-sqs'
import * as z from 'zod/mini'
import type { DelayedQueue } from '../../ports.ts'

interface QueueUrls {
  readonly checkGrant: string
  readonly settleVisit: string
}

/** Sends only the fields that identify the grant or visit, even if the caller passes more. */
export function delayedQueueSqs(options: SQSClientConfig, urls: QueueUrls): DelayedQueue {
  const client = new SQSClient(options)
  return {
    checkGrant: ({ household, doorId, grantId, tag }, delayMs) =>
      post(client, urls.checkGrant, { household, doorId, grantId, tag }, delayMs),
    settleVisit: ({ household, doorId, visitId }, delayMs) =>
      post(client, urls.settleVisit, { household, doorId, visitId }, delayMs),
    deliver: ({ orderId, household, visitorId, way, credential }) => {
      const of = credential && { doorId: credential.doorId, grantId: credential.grantId }
      return post(
        client,
        urls.checkGrant,
        { orderId, household, visitorId, way, credential: of },
        0,
      )
    },
  }
}

const accepted = z.object({ MessageId: z.string().check(z.minLength(1)) })

async function post(client: SQSClient, url: string, body: object, delayMs: number): Promise<void> {
  const command = new SendMessageCommand({
    QueueUrl: url,
    MessageBody: JSON.stringify(body),
    // Rounded up: late is better than early.
    DelaySeconds: Math.ceil(delayMs / 1_000),
  })
  z.parse(accepted, await client.send(command))
}
