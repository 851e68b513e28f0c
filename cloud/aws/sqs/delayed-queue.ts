/** Notes to ourselves: SQS delivers them after a while, at least once. */
import { SendMessageCommand, SQSClient, type SQSClientConfig } from '@aws-sdk/client-sqs'
import * as z from 'zod/mini'
import { storedWithinMs } from '../../passcodes/core/grant.ts'
import type { DelayedQueue } from '../../ports.ts'

/** The client comes along with what uses it, and so is loaded with it. */
export const newClient = (settings: SQSClientConfig): SQSClient => new SQSClient(settings)

interface Deps {
  readonly client: SQSClient
  readonly checkGrantUrl: string
  readonly settleVisitUrl: string
}

/** Only what names the thing goes along, even when more was handed in. */
export const laterSqs = ({ client, checkGrantUrl, settleVisitUrl }: Deps): DelayedQueue => ({
  checkGrant: ({ household, doorId, grantId, tag }) =>
    post(client, checkGrantUrl, { household, doorId, grantId, tag }, storedWithinMs),
  settleVisit: ({ household, doorId, visitId }, delayMs) =>
    post(client, settleVisitUrl, { household, doorId, visitId }, delayMs),
})

const accepted = z.object({ MessageId: z.string().check(z.minLength(1)) })

async function post(client: SQSClient, url: string, note: object, delayMs: number): Promise<void> {
  const asked = new SendMessageCommand({
    QueueUrl: url,
    MessageBody: JSON.stringify(note),
    // Whole seconds, and rather late than early.
    DelaySeconds: Math.ceil(delayMs / 1_000),
  })
  z.parse(accepted, await client.send(asked))
}
