/** What the deployment itself still needs. */
import { SNS } from '@aws-sdk/client-sns'
import { clientOptions, deployment, findOutputs, stackName } from '../deployment.ts'
import { type Finding, good, note, problem } from './finding.ts'

export async function checkDeployment(): Promise<readonly Finding[]> {
  const outputs = await findOutputs()
  if (!outputs) {
    return [note(`The stack ${stackName} is not deployed in this region.`, 'Run: npm run deploy')]
  }
  return [
    good(`The stack ${stackName} is deployed. Its pages are at ${outputs.WebOrigin}/`),
    await checkAlarms(outputs.AlarmTopicArn),
    await checkHouseholds(outputs.doorIds),
  ]
}

async function checkAlarms(TopicArn: string): Promise<Finding> {
  const { Subscriptions = [] } = await new SNS(clientOptions()).listSubscriptionsByTopic({
    TopicArn,
  })
  const pending = Subscriptions.filter((one) => one.SubscriptionArn === 'PendingConfirmation')
  if (Subscriptions.length > pending.length) return good('Alarms reach a confirmed address.')
  return problem(
    'Alarms reach no one: their address is not confirmed.',
    'Follow the link in the mail “AWS Notification - Subscription Confirmation”.',
  )
}

async function checkHouseholds(doorIds: readonly string[]): Promise<Finding> {
  const { households } = await deployment()
  const homes = await Promise.all((await households.list()).map((id) => households.find(id)))
  const known = homes.flatMap((home) => home?.doors.map(({ doorId }) => doorId) ?? [])
  const without = doorIds.filter((doorId) => !known.includes(doorId))
  if (without.length > 0) {
    return problem(
      `No household has ${without.join(', ')}, so nothing happens at it.`,
      'Run: npm run cloud -- household add',
    )
  }
  const missing = known.filter((doorId) => !doorIds.includes(doorId))
  if (missing.length > 0) return note(`Not deployed: ${missing.join(', ')}.`, 'Run: npm run deploy')
  return good(`Every door has its household: ${known.join(', ') || 'there is no door yet'}.`)
}
