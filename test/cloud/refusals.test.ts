/** What the cloud half does not do, however it is asked: by owners who said no, floods and damage. */
import { DynamoDBClient, PutItemCommand } from '@aws-sdk/client-dynamodb'
import { describe, expect, test } from 'vitest'
import { answerRequest } from '../../cloud/approvals/answer-request.ts'
import { parseRequestId } from '../../cloud/approvals/core/approval-request.ts'
import { clientOptionsFor } from '../../cloud/aws/client-options.ts'
import { ownersCommands } from '../../cloud/doors/owner-commands.ts'
import { mailLimits } from '../../cloud/passcodes/core/grant.ts'
import type { Visitor } from '../../cloud/visitors/core/visitor.ts'
import { runHousekeeping } from '../../cloud/visitors/housekeeping.ts'
import { mostStrangers } from '../../cloud/visits/core/visit.ts'
import { person } from '../../simulation/scenes/drawn-faces.ts'
import {
  type CloudHome,
  doorId,
  household,
  linkIn,
  mapleStreet,
  newId,
  snapshotKey,
} from '../support/cloud/cloud-home.ts'
import { homesOfThisFile } from '../support/cloud/homes-of-this-file.ts'
import { replacing } from '../support/cloud/replacing.ts'
import { oakLane } from '../support/cloud/web-home.ts'
import { snapshots } from '../support/drawn-snapshots.ts'
import { testProof } from '../support/effort.ts'

const newHome = homesOfThisFile()

const door = { household, doorId }
const kim = person('kim')

async function enrolled(home: CloudHome, name: string, jpeg: Uint8Array): Promise<Visitor> {
  const visitorId = newId()
  const key = `visitors/${household}/${visitorId}/photo.jpg`
  const visitor: Visitor = {
    ...{ household, visitorId, revision: 0, name, language: 'en' },
    contact: { prefers: 'sms', phone: '+15550100', email: null },
    photo: await home.deps.photos.write(key, jpeg),
    ...{ remembersFace: true, faceIds: [], createdAtMs: home.clock.nowMs() },
    ...{ welcomeUntilMs: null, trusted: false, tags: [], removedAtMs: null },
  }
  await home.deps.visitors.put(visitor)
  await home.settled()
  return visitor
}

async function stands(home: CloudHome, jpegs: readonly Uint8Array[], visitId = newId()) {
  for (const jpeg of jpegs) {
    home.upload(snapshotKey(visitId, home.clock.nowMs()), jpeg, 7)
    await home.settled()
    home.clock.advance(1_000)
  }
  return visitId
}

async function settles(home: CloudHome): Promise<void> {
  home.clock.advance(6_000)
  await home.settled()
}

async function denied(home: CloudHome, blockFace: boolean): Promise<void> {
  const { request } = linkIn(home.aws.mailbox.at(-1)?.text ?? null)
  const ref = parseRequestId(request)
  const asked = ref && (await home.deps.approvalRequests.find(ref))
  const outcome = await answerRequest(home.deps, {
    ...{ request, visitNumber: null, faceSha256: asked?.face?.sha256 ?? '', language: 'en' },
    asker: { kind: 'member', household, email: 'owner@example.org' },
    answer: { kind: 'deny', blockFace },
  })
  expect(outcome).toEqual({ outcome: 'denied' })
}

const timelineOf = async (home: CloudHome, visitId: string): Promise<string[]> =>
  (await home.deps.visits.find({ ...door, visitId }))?.timeline.map(({ what }) => what) ?? []

// ---------------------------------------------------------------- no means no

describe('an owner’s no', () => {
  testProof('about a visitor on file holds for the whole visit', async () => {
    const home = await newHome()
    await enrolled(home, 'Kim Lake', snapshots.front(kim, 1))
    const visitId = await stands(home, [snapshots.front(kim, 2)])
    await settles(home)
    await denied(home, false)
    await stands(home, [snapshots.front(kim, 3), snapshots.front(kim, 4)], visitId)
    await settles(home)
    expect(home.aws.texts).toEqual([])
    // Another day is another question, or none.
    home.clock.advance(3_600_000)
    await stands(home, [snapshots.front(kim, 5), snapshots.front(kim, 6)])
    expect(home.aws.texts).toHaveLength(1)
  })

  test('for good turns them away although their face is also on file as welcome', async () => {
    const home = await newHome()
    const visitor = await enrolled(home, 'Kim Lake', snapshots.front(kim, 1))
    await stands(home, [snapshots.front(kim, 2)])
    await settles(home)
    await denied(home, true)
    home.clock.advance(3_600_000)
    const visitId = await stands(home, [snapshots.front(kim, 3), snapshots.front(kim, 4)])
    await settles(home)
    expect(home.aws.texts).toEqual([])
    expect(home.aws.mailbox).toHaveLength(1)
    expect(await timelineOf(home, visitId)).toContain('turned-away')
    // Also when only the face on file is found again.
    const now = await home.deps.visitors.find(household, visitor.visitorId)
    expect(now?.blocked).toBe(true)
  })

  test('takes back the code that they got while the owner was asked', async () => {
    const home = await newHome()
    await enrolled(home, 'Kim Lake', snapshots.front(kim, 1))
    const visitId = await stands(home, [snapshots.front(kim, 2)])
    await settles(home)
    await stands(home, [snapshots.front(kim, 3)], visitId)
    expect(home.aws.texts).toHaveLength(1)
    await denied(home, false)
    expect(await home.deps.passcodes.live(door, home.clock.nowMs())).toEqual([])
    expect(home.told.map(({ body }) => body.type)).toContain('revoke-grant')
  })

  test('deletes the photo that an interrupted allow left behind', async () => {
    let isPowered = false
    const home = await newHome({
      between: (deps) => ({
        ...deps,
        approvalRequests: replacing(deps.approvalRequests, {
          recordDecision: (asked) =>
            asked.visitor && !isPowered
              ? Promise.reject(new Error('the power went'))
              : deps.approvalRequests.recordDecision(asked),
        }),
      }),
    })
    await stands(home, [snapshots.front(kim, 1), snapshots.front(kim, 2)])
    const { request, token } = linkIn(home.aws.mailbox.at(-1)?.text ?? null)
    const ref = parseRequestId(request)
    const asked = ref && (await home.deps.approvalRequests.find(ref))
    const typed = { name: 'Kim Lake', phone: '+15550100', email: '', prefers: 'sms' }
    const allowing = answerRequest(home.deps, {
      ...{ request, visitNumber: 7, faceSha256: asked?.face?.sha256 ?? '', language: 'en' },
      asker: { kind: 'mail', token },
      answer: {
        kind: 'allow',
        visitor: { ...typed, language: 'en', remembersFace: 'yes', validity: 'always' },
      },
    })
    await expect(allowing).rejects.toThrow('the power went')
    expect(await home.deps.photos.list('visitors/')).toHaveLength(1)
    isPowered = true
    await denied(home, false)
    expect(await home.deps.photos.list('visitors/')).toEqual([])
  })
})

// ---------------------------------------------------------------- no flood

describe('a flood', () => {
  test('of alarms ends in one mail that says so, and begins anew an hour later', async () => {
    const home = await newHome()
    const most = mailLimits.alarms[0].count
    for (let nth = 0; nth < most + 5; nth += 1) await home.says({ type: 'door-forced' })
    expect(home.aws.mailbox).toHaveLength(most + 1)
    expect(home.aws.mailbox.at(-1)?.subject).toContain('More is happening')
    home.clock.advance(3_600_000)
    await home.says({ type: 'door-forced' })
    expect(home.aws.mailbox).toHaveLength(most + 2)
  })

  test('of faces in one visit is a handful of questions and one more mail', async () => {
    const home = await newHome()
    const visitId = newId()
    for (let nth = 0; nth < 4; nth += 1) {
      const three = [0, 1, 2].map((who) => person(`sheet ${nth} ${who}`))
      await stands(home, [snapshots.together(three, 1)], visitId)
    }
    await settles(home)
    const visit = await home.deps.visits.find({ ...door, visitId })
    expect(visit?.strangers).toHaveLength(mostStrangers)
    expect(home.aws.mailbox).toHaveLength(mostStrangers + 1)
    expect(await timelineOf(home, visitId)).toContain('crowd')
    const asked = home.aws.mailbox.map(({ text }) => linkIn(text).request).filter(Boolean)
    expect(asked.map((id) => parseRequestId(id)).filter((ref) => ref === null)).toEqual([])
  })

  test('of strangers is mailed about so often in an hour, and stands in the console', async () => {
    const home = await newHome()
    const most = mailLimits.approvals[0].count
    const [picture, photo] = [snapshots.front(kim, 1), `faces/${doorId}/x/1-1.jpg`]
    const face = await home.deps.photos.write(photo, picture)
    const { requestApproval } = await import('../../cloud/approvals/request-approval.ts')
    const answers: string[] = []
    const visits = Array.from({ length: most + 2 }, () => newId())
    for (const visitId of visits) {
      const seen = {
        startedAtMs: home.clock.nowMs(),
        endedAtMs: null,
        matches: {},
        strangers: [],
        scans: [],
      }
      const visit = {
        ...door,
        visitId,
        number: 7,
        ...seen,
        grants: {},
        timeline: [],
        corrections: {},
        kept: null,
      }
      const needed = {
        kind: 'request-approval',
        subject: 'stranger-1',
        face,
        resembles: null,
      } as const
      answers.push(await requestApproval(home.deps, visit, { ...needed, why: 'not-on-file' }))
    }
    expect(answers.filter((answer) => answer === 'mailed')).toHaveLength(most)
    expect(answers.slice(-2)).toEqual(['limited', 'limited'])
    expect(home.aws.mailbox).toHaveLength(most + 1)
    const last = { ...door, visitId: visits.at(-1) ?? '', subject: 'stranger-1' }
    expect(await home.deps.approvalRequests.find(last)).toMatchObject({ decision: null })
  })

  test('of changes does not come from a photo without a face in it', async () => {
    let looks = 0
    const home = await newHome({
      between: (deps) => ({
        ...deps,
        faces: replacing(deps.faces, {
          remember: (...given) => {
            looks += 1
            return looks > 5 ? Promise.reject(new Error('again')) : deps.faces.remember(...given)
          },
        }),
      }),
    })
    await enrolled(home, 'Kim Lake', snapshots.blurred(kim, 1))
    await home.settled()
    expect(looks).toBe(1)
  })
})

// ---------------------------------------------------------------- no time to come

test('a snapshot from the future is ignored, also when it is handled late', async () => {
  const home = await newHome()
  await enrolled(home, 'Kim Lake', snapshots.front(kim, 1))
  const visitId = newId()
  const calls = home.aws.calls.length
  for (const atMs of [9_999_999_990_000, 9_999_999_991_000, home.clock.nowMs() + 60_001]) {
    home.upload(snapshotKey(visitId, atMs), snapshots.front(kim, 2), 7)
  }
  await home.settled()
  expect(home.aws.texts).toEqual([])
  expect(await home.deps.visits.find({ ...door, visitId })).toBeNull()
  const asked = home.aws.calls.slice(calls).map(({ operation }) => operation)
  expect(asked).not.toContain('DetectFaces')
})

// ---------------------------------------------------------------- no trace

describe('a number that is changed', () => {
  test('while a code is on its way gets none, for it was not counted', async () => {
    const home = await newHome()
    const { visitorId } = await enrolled(home, 'Kim Lake', snapshots.front(kim, 1))
    home.doorAnswers = false
    await ownersCommands({ ...home.deps }).sendCode(door, visitorId)
    const visitor = await home.deps.visitors.find(household, visitorId)
    if (!visitor) throw new Error('no visitor is on file')
    const contact = { prefers: 'sms', phone: '+15550199', email: null } as const
    await home.deps.visitors.put({ ...visitor, contact })
    const grant = home.told
      .flatMap(({ body }) => (body.type === 'grant' ? [body.credential] : []))
      .at(-1)
    const { grantId = '' } = grant ?? {}
    await home.says({ type: 'grant-stored', grantId, visitId: null, visitorId })
    await home.settled()
    expect(home.aws.texts).toEqual([])
    expect(home.told.at(-1)?.body).toMatchObject({ type: 'revoke-grant', grantId })
    expect(await home.deps.passcodes.live(door, 0)).toEqual([])
    const told = home.aws.mailbox.map(({ to }) => to)
    expect(told).toEqual([['owner@example.org']])
  })
})

const keepClip = (home: CloudHome, visitId: string) =>
  home.deps.clips.put({
    ...{ key: `clips/${doorId}/${visitId}/1.mp4`, mp4: Buffer.from('ftyp'), fileName: 'clip.mp4' },
  })

describe('a deleted visitor', () => {
  test('goes out of the pictures that the door took of them, and no others', async () => {
    const home = await newHome()
    const { visitorId } = await enrolled(home, 'Kim Lake', snapshots.front(kim, 1))
    const theirs = await stands(home, [snapshots.front(kim, 2), snapshots.front(kim, 3)])
    const others = await stands(home, [snapshots.front(person('sasha'), 1)])
    for (const visitId of [theirs, others]) await keepClip(home, visitId)
    await home.deps.visitors.remove(household, visitorId, home.clock.nowMs())
    await home.settled()
    for (const kind of ['snapshots', 'faces', 'clips']) {
      expect(await home.deps.photos.list(`${kind}/${doorId}/${theirs}/`)).toEqual([])
      expect(await home.deps.photos.list(`${kind}/${doorId}/${others}/`)).toHaveLength(1)
    }
  })

  test('is named in no passcode, not even in one that has run out', async () => {
    const home = await newHome()
    const { visitorId } = await enrolled(home, 'Kim Lake', snapshots.front(kim, 1))
    await stands(home, [snapshots.front(kim, 2), snapshots.front(kim, 3)])
    home.clock.advance(400_000)
    expect(await home.deps.passcodes.live(door, home.clock.nowMs())).toEqual([])
    expect(await home.deps.passcodes.live(door, 0)).toMatchObject([{ visitorName: 'Kim Lake' }])
    await home.deps.visitors.remove(household, visitorId, home.clock.nowMs())
    await home.settled()
    expect(await home.deps.passcodes.live(door, 0)).toEqual([])
  })

  test('while the text to them is being written is not texted any more', async () => {
    let isWriting = false
    const home = await newHome({
      between: (deps) => ({
        ...deps,
        passcodes: {
          ...deps.passcodes,
          claimSending: async (...asked) => {
            isWriting = true
            return deps.passcodes.claimSending(...asked)
          },
        },
        secrets: {
          doorKey: async (asked) => {
            if (isWriting) await home.deps.visitors.remove(household, visitorId, home.clock.nowMs())
            return deps.secrets.doorKey(asked)
          },
        },
      }),
    })
    const { visitorId } = await enrolled(home, 'Kim Lake', snapshots.front(kim, 1))
    await ownersCommands({ ...home.deps }).sendCode(door, visitorId)
    await home.settled()
    expect(isWriting).toBe(true)
    expect(home.aws.texts).toEqual([])
    expect(await home.deps.passcodes.live(door, 0)).toEqual([])
  })

  test('while a code is issued to them is forgotten by the door again, and the code is not good', async () => {
    let between = async (): Promise<void> => {}
    const home = await newHome({
      between: (deps) => ({
        ...deps,
        visitors: {
          ...deps.visitors,
          find: async (...asked) => {
            const found = await deps.visitors.find(...asked)
            await between()
            return found
          },
        },
      }),
    })
    const { visitorId } = await enrolled(home, 'Kim Lake', snapshots.front(kim, 1))
    between = async () => {
      between = async () => {}
      await home.deps.visitors.remove(household, visitorId, home.clock.nowMs())
      await home.settled()
    }
    const owners = ownersCommands({ ...home.deps })
    await owners.sendCode(door, visitorId)
    await home.settled()
    expect(home.aws.texts).toEqual([])
    const told = home.told.map(({ body }) => body.type)
    expect(told.slice(told.indexOf('grant'))).toEqual(['grant', 'revoke-grant', 'visitor-removed'])
    expect(await home.deps.passcodes.live(door, 0)).toEqual([])
  })
})

// ---------------------------------------------------------------- no damage that spreads

/** A malformed row. */
const damaged = (name: string) => ({
  pk: { S: `household#${household}` },
  sk: { S: `visitor#${name}` },
  name: { S: 'x' },
})

describe('a line that cannot be read', () => {
  test('does not hold up other rows, and its visitor can be deleted', async () => {
    const home = await newHome()
    const { visitorId } = await enrolled(home, 'Kim Lake', snapshots.front(kim, 1))
    expect(await home.deps.faces.list(household)).toHaveLength(1)
    const place = damaged(visitorId)
    const removal = {
      ...{ pk: place.pk, sk: place.sk, household: { S: household } },
      ...{ visitorId: { S: visitorId }, removedAtMs: { N: '5' } },
    }
    const answer = await home.invoke('visitor-changed', {
      Records: [
        { dynamodb: { SequenceNumber: '1', NewImage: damaged('bad') } },
        { dynamodb: { SequenceNumber: '2', OldImage: place, NewImage: removal } },
      ],
    })
    expect(answer).toEqual({ batchItemFailures: [] })
    expect(await home.deps.faces.list(household)).toEqual([])
    expect(home.told.at(-1)?.body).toMatchObject({ type: 'visitor-removed', visitorId })
  })

  test('leaves its face and photo alone, and does not stop other households', async () => {
    const home = await newHome({ households: [mapleStreet, oakLane] })
    const visitorId = newId()
    const owner = { kind: 'visitor', visitorId } as const
    await home.deps.faces.remember(household, snapshots.front(kim, 1), owner)
    await home.deps.faces.remember('oak-lane', snapshots.front(kim, 1), owner)
    const Item = damaged(visitorId)
    const TableName = home.stack.ref('Tables/Visitors')
    const client = new DynamoDBClient(clientOptionsFor(home.aws.rootEnvironment()))
    await client.send(new PutItemCommand({ TableName, Item }))
    await runHousekeeping(home.deps)
    expect(await home.deps.faces.list(household)).toHaveLength(1)
    expect(await home.deps.faces.list('oak-lane')).toEqual([])
    expect(await home.deps.visitors.list(household)).toEqual([])
  })
})

describe('housekeeping', () => {
  test('leaves a visitor alone who is put on file while it runs', async () => {
    const home = await newHome()
    let isEnrolled = false
    const list: typeof home.deps.visitors.list = async (name) => {
      const before = await home.deps.visitors.list(name)
      if (!isEnrolled) await enrolled(home, 'Kim Lake', snapshots.front(kim, 1))
      isEnrolled = true
      return before
    }
    await runHousekeeping({ ...home.deps, visitors: { ...home.deps.visitors, list } })
    expect(await home.deps.faces.list(household)).toHaveLength(1)
    expect(await home.deps.photos.list('visitors/')).toHaveLength(1)
  })

  test('lets go of photos of people who never came on file, but not of those of an hour ago', async () => {
    const home = await newHome()
    await enrolled(home, 'Kim Lake', snapshots.front(kim, 1))
    await home.deps.photos.write(
      `visitors/${household}/${newId()}/photo.jpg`,
      snapshots.front(kim, 1),
    )
    await runHousekeeping(home.deps)
    expect(await home.deps.photos.list('visitors/')).toHaveLength(2)
    const clock = { nowMs: () => Date.now() + home.clock.nowMs() }
    await runHousekeeping({ ...home.deps, clock })
    expect(await home.deps.photos.list('visitors/')).toHaveLength(1)
  })

  test('reports a household that fails, and goes on with the others', async () => {
    const home = await newHome({ households: [mapleStreet, oakLane] })
    const owner = { kind: 'visitor', visitorId: newId() } as const
    await home.deps.faces.remember('oak-lane', snapshots.front(kim, 1), owner)
    const list: typeof home.deps.faces.list = (name) =>
      name === household ? Promise.reject(new Error('down')) : home.deps.faces.list(name)
    const running = runHousekeeping({ ...home.deps, faces: replacing(home.deps.faces, { list }) })
    await expect(running).rejects.toHaveProperty('code', 'HOUSEKEEPING_FAILED')
    expect(await home.deps.faces.list('oak-lane')).toEqual([])
  })
})

// ---------------------------------------------------------------- no second try at what is broken

describe('a picture that breaks off', () => {
  const whole = snapshots.front(kim, 1)
  const broken = whole.slice(0, Math.round(whole.length / 2))

  test('in which a snapshot is recognised once', async () => {
    const home = await newHome()
    const calls = home.aws.calls.length
    home.upload(snapshotKey(newId(), home.clock.nowMs()), broken, 7)
    for (let nth = 0; nth < 4; nth += 1) {
      await home.settled()
      home.clock.advance(20_000)
    }
    const asked = home.aws.calls.slice(calls).map(({ operation }) => operation)
    expect(asked.filter((operation) => operation === 'DetectFaces')).toHaveLength(1)
  })

  test('as an upload is gone at once', async () => {
    const home = await newHome()
    const key = `raw/${household}/${newId()}.jpg`
    const { processUpload } = await import('../../cloud/visitors/photo-upload.ts')
    await home.deps.photos.write(key, broken)
    await processUpload(home.deps, key)
    expect(await home.deps.photos.list('raw/')).toEqual([])
    // The page reads from its name what is wrong.
    const [mark, ...more] = await home.deps.photos.list('processed/')
    expect([mark?.key.endsWith('.unreadable'), more]).toEqual([true, []])
  })
})

// ---------------------------------------------------------------- no false news

describe('the keypad says that a code was sent', () => {
  test('for no unknown grant', async () => {
    const home = await newHome()
    const visitorId = newId()
    await home.says({ type: 'grant-stored', grantId: newId(), visitId: newId(), visitorId })
    expect(home.told).toEqual([])
  })

  test('and not when it could not be, but then the owner hears of it', async () => {
    let sends = 0
    const home = await newHome({
      between: (deps) => ({
        ...deps,
        sms: {
          send: () => {
            sends += 1
            return Promise.reject(new Error('no such number'))
          },
        },
      }),
    })
    home.doorAnswers = false
    await enrolled(home, 'Kim Lake', snapshots.front(kim, 1))
    const visitId = await stands(home, [snapshots.front(kim, 2), snapshots.front(kim, 3)])
    const [grant] = home.told.flatMap(({ body }) =>
      body.type === 'grant' ? [body.credential] : [],
    )
    if (!grant) throw new Error('There is a grant.')
    const { grantId } = grant
    const { visitorId } = grant.holder
    const stored = { type: 'grant-stored', grantId, visitId, visitorId } as const
    await home.says(stored).catch(() => {})
    expect(home.aws.mailbox).toHaveLength(1)
    home.clock.advance(60_000)
    await home.says(stored).catch(() => {})
    expect(sends).toBeGreaterThan(1)
    expect(home.aws.mailbox.map(({ subject }) => subject)).toEqual([
      'A code could not be sent: Front door',
    ])
    const said = home.told.map(({ body }) => (body.type === 'visit-status' ? body.status : ''))
    expect(said).not.toContain('code-sent')
  })
})
