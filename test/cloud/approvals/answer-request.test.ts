/** What an owner answers, with everything that may go wrong in between. */
import { afterAll, beforeAll, beforeEach, describe, expect, test } from 'vitest'
import { answerRequest } from '../../../cloud/approvals/answer-request.ts'
import type { AskedDecision } from '../../../cloud/approvals/core/approval-request.ts'
import { showRequest } from '../../../cloud/approvals/show-request.ts'
import type { CloudDeps } from '../../../simulation/cloud/cloud.ts'
import { doorId, household, mapleStreet } from '../../support/cloud/cloud-home.ts'
import { replacing } from '../../support/cloud/replacing.ts'
import {
  type Asked,
  ask,
  oakDoor,
  requestIn,
  severalOwners,
  type WebHome,
  webHome,
} from '../../support/cloud/web-home.ts'

let home: WebHome
beforeAll(async () => {
  home = await webHome({ households: [mapleStreet, severalOwners] })
})
beforeEach(() => {
  home.cloud.clock.advance(3_600_000)
})
afterAll(() => home.close())

let number = 0
function decision(asked: Asked, changes: Partial<AskedDecision> = {}): AskedDecision {
  number += 1
  const visitor = {
    ...{ name: 'Robin Vale', phone: `+1555011${String(number).padStart(4, '0')}`, email: '' },
    ...{ prefers: 'sms', language: 'en', remembersFace: 'yes', validity: 'day' },
  }
  return {
    ...{ request: asked.request, faceSha256: asked.face, visitNumber: 583, language: 'en' },
    asker: { kind: 'mail', token: asked.token },
    answer: { kind: 'allow', visitor },
    ...changes,
  }
}

const crash = () => Promise.reject(new Error('the power went'))

describe('owners', () => {
  test('are named when it can only be one of them', async () => {
    const [one, several] = [await ask(home), await ask(home, { door: oakDoor })]
    await answerRequest(home.cloud.deps, decision(one))
    await answerRequest(home.cloud.deps, decision(several))
    expect((await requestIn(home.cloud, one.request))?.decision?.by).toBe('owner@example.org')
    expect((await requestIn(home.cloud, several.request))?.decision?.by).toBe('mail')
  })
})

describe('a photo', () => {
  test('that was replaced is not shown, and its face is not indexed', async () => {
    const asked = await ask(home)
    const request = await requestIn(home.cloud, asked.request)
    await home.cloud.deps.photos.write(request?.face?.key ?? '', new Uint8Array([1, 2, 3]))
    const asker = { kind: 'mail', token: asked.token } as const
    const shown = await showRequest(home.cloud.deps, asked.request, asker, 'en')
    expect(shown).toMatchObject({ state: 'open', jpeg: null })
    const outcome = await answerRequest(home.cloud.deps, decision(asked))
    expect(outcome).toEqual({ outcome: 'refused', reason: 'other-photo' })
    expect((await requestIn(home.cloud, asked.request))?.decision).toBeNull()
  })

  test('is not stored for a refused answer', async () => {
    const asked = await ask(home)
    const before = await home.cloud.deps.photos.list('visitors/')
    await answerRequest(home.cloud.deps, decision(asked, { visitNumber: 1 }))
    home.cloud.clock.advance(900_000)
    await answerRequest(home.cloud.deps, decision(asked))
    expect(await home.cloud.deps.photos.list('visitors/')).toEqual(before)
  })
})

describe('a crash', () => {
  /** Each is the port that fails, and what was done before it. */
  const steps: readonly (readonly [string, (deps: CloudDeps) => CloudDeps])[] = [
    [
      'before the photo is copied',
      (d) => ({ ...d, photos: replacing(d.photos, { write: crash }) }),
    ],
    [
      'before the decision is recorded',
      (d) => ({ ...d, approvalRequests: replacing(d.approvalRequests, { recordDecision: crash }) }),
    ],
    [
      'before the code is issued',
      (d) => ({ ...d, passcodes: replacing(d.passcodes, { issue: crash }) }),
    ],
    [
      'before the check is queued',
      (d) => ({ ...d, delayedQueue: replacing(d.delayedQueue, { checkGrant: crash }) }),
    ],
    ['before the door is notified', (d) => ({ ...d, doors: { send: crash } })],
  ]

  test.each(steps)(
    '%s leaves one visitor and one text when the owner tries again',
    async (_, break_) => {
      const { deps, aws } = home.cloud
      const asked = await ask(home)
      const answer = decision(asked)
      const [texts, visitors] = [aws.texts.length, (await deps.visitors.list(household)).length]
      await expect(answerRequest(break_(deps), answer)).rejects.toThrow('the power went')
      const again = await answerRequest(deps, answer)
      expect(['allowed', 'already']).toContain(again.outcome)
      await home.cloud.settled()
      expect(aws.texts).toHaveLength(texts + 1)
      expect(await deps.visitors.list(household)).toHaveLength(visitors + 1)
    },
  )

  test.each([
    ['before the door is notified', (d: CloudDeps) => ({ ...d, doors: { send: crash } })],
    [
      'before the face is blocked',
      (d: CloudDeps) => ({ ...d, faces: replacing(d.faces, { remember: crash }) }),
    ],
  ])('%s denies and blocks when the owner tries again', async (_, break_) => {
    const { deps, clock } = home.cloud
    const asked = await ask(home)
    const blocks = async () =>
      (await deps.faces.list(household)).filter(({ name }) => name.startsWith('blocked-')).length
    const before = await blocks()
    const answer = decision(asked, { answer: { kind: 'deny', blockFace: true } })
    await expect(answerRequest(break_(deps), answer)).rejects.toThrow('the power went')
    clock.advance(30_000)
    expect(await answerRequest(deps, answer)).toMatchObject({ outcome: 'already' })
    expect(home.cloud.told.at(-1)?.body).toMatchObject({ type: 'visit-status', status: 'denied' })
    expect(await blocks()).toBe(before + 1)
  })
})

describe('a link that was used to say no', () => {
  const no = (asked: Asked, blockFace: boolean) =>
    decision(asked, { answer: { kind: 'deny', blockFace } })
  const blocks = async () =>
    (await home.cloud.deps.faces.list(household)).filter(({ name }) => name.startsWith('blocked-'))

  test('does not come to mean “never again” by being used once more', async () => {
    const asked = await ask(home)
    await answerRequest(home.cloud.deps, no(asked, false))
    const before = await blocks()
    home.cloud.clock.advance(30_000)
    const again = await answerRequest(home.cloud.deps, no(asked, true))
    expect(again).toMatchObject({ outcome: 'already', decision: { outcome: 'denied' } })
    expect(await blocks()).toEqual(before)
  })

  test('does nothing more once its time is over, for a signed-in owner neither', async () => {
    const asked = await ask(home)
    const broken = {
      ...home.cloud.deps,
      faces: replacing(home.cloud.deps.faces, { remember: crash }),
    }
    await expect(answerRequest(broken, no(asked, true))).rejects.toThrow('the power went')
    const [before, told] = [await blocks(), home.cloud.told.length]
    home.cloud.clock.advance(900_000)
    const asker = { kind: 'member', household, email: 'owner@example.org' } as const
    for (const answer of [no(asked, true), { ...no(asked, true), asker }]) {
      expect(await answerRequest(home.cloud.deps, answer)).toMatchObject({ outcome: 'already' })
    }
    expect(await blocks()).toEqual(before)
    expect(home.cloud.told).toHaveLength(told)
  })
})

describe('a code that cannot be sent', () => {
  test('does not undo the decision, and the timeline says so', async () => {
    const { deps } = home.cloud
    const phone = '+15550119999'
    const visitorOf = (asked: AskedDecision): AskedDecision =>
      asked.answer.kind === 'allow'
        ? { ...asked, answer: { kind: 'allow', visitor: { ...asked.answer.visitor, phone } } }
        : asked
    for (let nth = 0; nth < 3; nth += 1) {
      await answerRequest(deps, visitorOf(decision(await ask(home))))
    }
    const asked = await ask(home)
    const outcome = await answerRequest(deps, visitorOf(decision(asked)))
    expect(outcome).toMatchObject({ outcome: 'allowed', code: 'limited' })
    const visit = await deps.visits.find({ household, doorId, visitId: asked.visitId })
    expect(visit?.timeline).toMatchObject([{ what: 'no-code', why: 'limited' }])
  })
})

describe('another household', () => {
  test('can neither be seen nor decided', async () => {
    const asked = await ask(home)
    const asker = { kind: 'member', household: 'oak-lane', email: 'a@oak.example' } as const
    expect(await showRequest(home.cloud.deps, asked.request, asker, 'en')).toBeNull()
    const outcome = await answerRequest(
      home.cloud.deps,
      decision(asked, { asker, visitNumber: null }),
    )
    expect(outcome).toEqual({ outcome: 'refused', reason: 'unknown' })
  })

  test('has no use for the secret of one of its own mails', async () => {
    const [asked, own] = [await ask(home), await ask(home, { door: oakDoor })]
    const asker = { kind: 'mail', token: own.token } as const
    expect(await answerRequest(home.cloud.deps, decision(asked, { asker }))).toMatchObject({
      outcome: 'refused',
    })
  })
})
