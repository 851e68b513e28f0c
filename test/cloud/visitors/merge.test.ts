/** Two visitors on file turn out to be one person. */
import { expect, test } from 'vitest'
import { ownersCommands } from '../../../cloud/doors/owner-commands.ts'
import { runHousekeeping } from '../../../cloud/visitors/housekeeping.ts'
import { person } from '../../../simulation/scenes/drawn-faces.ts'
import {
  type CloudHome,
  doorId,
  household,
  newId,
  snapshotKey,
} from '../../support/cloud/cloud-home.ts'
import { homesOfThisFile } from '../../support/cloud/homes-of-this-file.ts'
import { snapshots } from '../../support/drawn-snapshots.ts'

const newHome = homesOfThisFile()
const [kim, kimmy] = [person('kim'), person('kimmy')]
const member = { household, email: 'owner@example.org' }

async function onFile(home: CloudHome, name: string, phone: string, face = kim) {
  const { addVisitor } = ownersCommands(home.deps)
  const visitorId = newId()
  await addVisitor(member, visitorId, { name, phone, remembersFace: true, tags: [name] })
  const photo = await home.deps.photos.write(
    `visitors/${household}/${visitorId}/photo.jpg`,
    snapshots.front(face, 1),
  )
  const visitor = await home.deps.visitors.find(household, visitorId)
  if (visitor) await home.deps.visitors.put({ ...visitor, photo })
  await home.settled()
  return visitorId
}

async function comes(home: CloudHome, face: typeof kim) {
  const visitId = newId()
  for (const seed of [2, 3]) {
    home.upload(snapshotKey(visitId, home.clock.nowMs()), snapshots.front(face, seed), 7)
    await home.settled()
    home.clock.advance(1_000)
  }
  return visitId
}

const faceNames = async ({ deps }: CloudHome) =>
  (await deps.faces.list(household)).map(({ name }) => name)

test('the one who remains is recognised by the faces of both, and has what both had', async () => {
  const home = await newHome()
  const kept = await onFile(home, 'Kim', '+15550100')
  const gone = await onFile(home, 'Kimmy', '+15550101', kimmy)
  const { mergeVisitors } = ownersCommands(home.deps)
  expect(await mergeVisitors(household, kept, gone)).toMatchObject({ outcome: 'merged' })
  await home.settled()
  expect(await faceNames(home)).toEqual([`visitor-${kept}`, `visitor-${kept}`])
  await comes(home, kimmy)
  expect(home.aws.texts.map(({ to }) => to)).toEqual(['+15550100'])
  const now = await home.deps.visitors.find(household, gone)
  expect(now).toMatchObject({ visitorId: kept, name: 'Kim', tags: ['Kim', 'Kimmy'] })
  expect(await home.deps.photos.list(`visitors/${household}/${gone}/`)).toEqual([])
  expect(await mergeVisitors(household, kept, gone)).toMatchObject({ outcome: 'merged' })
})

test('without a photo of their own they get that of the other', async () => {
  const home = await newHome()
  const kept = newId()
  await ownersCommands(home.deps).addVisitor(member, kept, { name: 'Kim', phone: '+15550100' })
  const gone = await onFile(home, 'Kimmy', '+15550101', kimmy)
  await ownersCommands(home.deps).mergeVisitors(household, kept, gone)
  await home.settled()
  home.clock.advance(2 * 3_600_000)
  await runHousekeeping(home.deps)
  const now = await home.deps.visitors.find(household, kept)
  expect(await home.deps.photos.read(now?.photo?.key ?? '')).not.toBeNull()
  expect(new Set(await faceNames(home))).toEqual(new Set([`visitor-${kept}`]))
})

test('deleting them deletes what visits of both showed', async () => {
  const home = await newHome()
  const kept = await onFile(home, 'Kim', '+15550100')
  const gone = await onFile(home, 'Kimmy', '+15550101', kimmy)
  const visitId = await comes(home, kimmy)
  await ownersCommands(home.deps).mergeVisitors(household, kept, gone)
  await home.settled()
  const folder = `snapshots/${doorId}/${visitId}/`
  expect(await home.deps.photos.list(folder)).not.toEqual([])
  await home.deps.visitors.remove(household, kept, home.clock.nowMs())
  await home.settled()
  expect(await home.deps.photos.list(folder)).toEqual([])
  expect(await faceNames(home)).toEqual([])
  expect(await home.deps.visitors.find(household, gone)).toBeNull()
  expect(await home.deps.visits.lastSeen(household)).toEqual(new Map())
})

test('a code that was just sent is taken back from a visitor who is blocked', async () => {
  const home = await newHome()
  const kept = await onFile(home, 'Kim', '+15550100')
  await comes(home, kim)
  const { editVisitor, sendCode } = ownersCommands(home.deps)
  await editVisitor(member, kept, { blocked: true })
  await home.settled()
  expect(home.told.map(({ body }) => body.type)).toContain('revoke-grant')
  expect(await home.deps.passcodes.live({ household, doorId }, 0)).toEqual([])
  expect(await sendCode({ household, doorId }, kept)).toBe('blocked')
})

test('a new photo replaces the face that is recognised', async () => {
  const home = await newHome()
  const kept = await onFile(home, 'Kim', '+15550100')
  const visitor = await home.deps.visitors.find(household, kept)
  const key = `visitors/${household}/${kept}/new.jpg`
  const photo = await home.deps.photos.write(key, snapshots.front(kimmy, 1))
  if (visitor) await home.deps.visitors.put({ ...visitor, photo })
  await home.settled()
  expect(await faceNames(home)).toHaveLength(1)
  await comes(home, kimmy)
  expect(home.aws.texts).toHaveLength(1)
})
