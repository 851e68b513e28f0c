/** What reaches the person who runs the deployment. */
import * as z from 'zod/mini'
import { type Lab, RehearsalFailed, type Stage } from '../stage.ts'
import { resourcesOf } from '../troubles.ts'

/** The link in SNS's mail is followed. */
export async function confirmAlarms({ aws }: Stage): Promise<void> {
  const { subscriptions } = aws.account
  for (const [topic, subscribers] of subscriptions) {
    subscriptions.set(
      topic,
      subscribers.map(() => true),
    )
  }
}

const alarmSchema = z.object({
  AlarmActions: z._default(z.array(z.string()), []),
  MetricName: z.string(),
  Dimensions: z._default(z.array(z.object({ Name: z.string(), Value: z.string() })), []),
})

function alarmsOf(stage: Stage) {
  return stage
    .deployment()
    .recorded.filter(({ type }) => type === 'AWS::CloudWatch::Alarm')
    .map(({ ref, properties }) => ({ name: ref, ...z.parse(alarmSchema, properties) }))
}

/** Each may publish to a topic to which somebody has subscribed. */
export async function expectAlarms(stage: Stage): Promise<void> {
  const { iam } = stage.deployment()
  const { region, account } = stage.aws
  for (const { name, AlarmActions } of alarmsOf(stage)) {
    if (AlarmActions.length === 0) throw new RehearsalFailed(`${name} notifies no topic.`)
    for (const resource of AlarmActions) {
      const sourceArn = `arn:aws:cloudwatch:${region}:000000000000:alarm:${name}`
      const call = {
        service: 'cloudwatch.amazonaws.com',
        action: 'sns:Publish',
        resource,
        sourceArn,
      }
      const refusal = iam.refusedService(call)
      if (refusal !== null) throw new RehearsalFailed(refusal)
      if (!account.subscriptions.get(resource)?.includes(true)) {
        throw new RehearsalFailed(`${resource} has no subscriber.`)
      }
    }
  }
}

const minuteMs = 60_000

/** What cannot be handled leaves its queue for one with an alarm. */
export async function setAside(stage: Stage, lab: Lab): Promise<void> {
  const queues = resourcesOf(stage).filter(({ type }) => type === 'AWS::SQS::Queue')
  const dead = queues.filter(({ path }) => path.endsWith('Dead'))
  const watched = alarmsOf(stage).flatMap(({ Dimensions }) => Dimensions.map(({ Value }) => Value))
  for (const { path, physicalId } of queues.filter((one) => !dead.includes(one))) {
    const before = total(stage, dead)
    queueAt(stage, physicalId).put('{}', stage.nowMs())
    await lab.withBrokenFunctions(() => minutesUntil(lab, () => total(stage, dead) > before))
    if (total(stage, dead) === before) {
      throw new RehearsalFailed(`${path} never sets a message aside.`)
    }
  }
  const silent = dead.find(
    ({ physicalId }) =>
      queueAt(stage, physicalId).waiting().length > 0 && !watched.includes(nameIn(physicalId)),
  )
  if (silent) throw new RehearsalFailed(`${silent.path} has no alarm.`)
}

async function minutesUntil(lab: Lab, isDone: () => boolean): Promise<void> {
  for (let minute = 0; minute < 30 && !isDone(); minute += 1) await lab.pass(minuteMs)
}

/** Of a queue, by its address. */
const nameIn = (url: string): string => url.slice(url.lastIndexOf('/') + 1)
const queueAt = ({ aws }: Stage, url: string) => aws.queue(nameIn(url))

const total = (stage: Stage, queues: readonly { readonly physicalId: string }[]): number =>
  queues.reduce((sum, { physicalId }) => sum + queueAt(stage, physicalId).waiting().length, 0)
