/** Everything stored has an end, as docs/cloud.md says. */
import { type Lab, RehearsalFailed, type Stage } from '../stage.ts'
import { pathsOf, step } from '../troubles.ts'
import { isUsed } from './home.ts'
import { itemsWith, refOf } from './removal.ts'

const dayMs = 24 * 3_600_000
/** Photos of visitors on file stay. */
const daysByFolder = { snapshots: 30, faces: 30, raw: 1, processed: 1, clips: 1 }

export async function expectDaysToEnd(stage: Stage, lab: Lab): Promise<void> {
  await step(stage, 'the days pass', async () => {
    const [photos = ''] = pathsOf(stage, 'AWS::S3::Bucket')
    // All that was stored on the way is gone by then.
    for (const days of [1, 30]) {
      await lab.pass(days * dayMs)
      const folders = Object.entries(daysByFolder).filter(([, of]) => of <= days)
      for (const [folder] of folders) {
        const [left] = stage.aws.bucket(refOf(stage, photos)).list(`${folder}/`)
        if (left) throw new RehearsalFailed(`${photos} still has ${left.key} after ${days} days.`)
      }
    }
    await isUsed(stage, 'AWS::Lambda::EventSourceMapping', 'delivered nothing')
    await isUsed(stage, 'AWS::Lambda::Function', 'was never invoked')
  })
  await step(stage, 'a year passes', async () => {
    await lab.pass(370 * dayMs)
    // DynamoDB deletes once a day.
    await lab.pass(dayMs)
    const nowSeconds = stage.nowMs() / 1_000
    const [left] = await itemsWith(stage, ({ ttl }) => typeof ttl === 'number' && ttl < nowSeconds)
    if (left) throw new RehearsalFailed(`Its time is over, but it is still there: ${left}`)
  })
}
