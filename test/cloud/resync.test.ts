/** A door asks for everything while the cloud goes on deciding: nothing may be lost in between. */
import { afterEach, expect, test } from 'vitest'
import { ownersCommands } from '../../cloud/doors/owner-commands.ts'
import type { Visitor } from '../../cloud/visitors/core/visitor.ts'
import type { CloudMessage } from '../../protocol/messages/cloud.ts'
import { type CloudHome, cloudHome, doorId, household, newId } from '../support/cloud/cloud-home.ts'
import { createDoorModel } from '../support/door/door-model.ts'

let home: CloudHome
afterEach(() => home.close())

/** What was issued before it knew the time, a door refuses. */
const awakeMs = 2_000

const kim: Visitor = {
  ...{ household, visitorId: newId(), revision: 0, name: 'Kim Lake', language: 'en' },
  contact: { prefers: 'sms', phone: '+15550100', email: null },
  ...{ photo: null, remembersFace: false, faceIds: [], createdAtMs: 1 },
  ...{ welcomeUntilMs: null, trusted: false, tags: [], removedAtMs: null },
}

test.each([
  ['in the same millisecond', 0],
  ['while time passes', 5],
])('a code that is issued while the whole state is read opens the door, %s', async (_, ms) => {
  let meanwhile: (() => Promise<void>) | null = null
  const told: CloudMessage[] = []
  home = await cloudHome({
    between: (deps) => ({
      ...deps,
      doors: {
        async send(message) {
          told.push(message)
          await deps.doors.send(message)
        },
      },
      passcodes: {
        ...deps.passcodes,
        async live(door, nowMs) {
          const live = await deps.passcodes.live(door, nowMs)
          const now = meanwhile
          meanwhile = null
          await now?.()
          return live
        },
      },
    }),
  })
  await home.deps.visitors.put(kim)
  await home.settled()
  meanwhile = async () => {
    home.clock.advance(ms)
    await ownersCommands(home.deps).sendCode({ household, doorId }, kim.visitorId)
    home.clock.advance(ms)
  }
  await home.says({ type: 'resync-wanted', ask: newId(), cause: 'started', lastCommandSeq: 0 })
  await home.settled()
  expect(home.aws.texts).toHaveLength(1)

  const door = createDoorModel()
  door.happen({ kind: 'started' })
  door.happen({ kind: 'clock-confirmed', atMs: home.clock.nowMs() - awakeMs, source: 'host' })
  door.pass(awakeMs)
  expect(told.map(({ type }) => type).slice(-2)).toEqual(['grant', 'state'])
  for (const message of told) door.command(message)
  const grant = told.find((message) => message.type === 'grant')
  expect(door.enter(grant?.credential.grantId ?? '')).toMatchObject({ outcome: 'accepted' })
})
