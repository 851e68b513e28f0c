/** Asking owners, with everything that may go wrong in between. */
import { afterAll, beforeAll, beforeEach, describe, expect, test } from 'vitest'
import { requestApproval } from '../../../cloud/approvals/request-approval.ts'
import { showRequest } from '../../../cloud/approvals/show-request.ts'
import { sendingLeaseMs } from '../../../cloud/idempotency.ts'
import type { CloudDeps } from '../../../simulation/cloud/cloud.ts'
import { doorId, household, linkIn, mapleStreet, newId } from '../../support/cloud/cloud-home.ts'
import { replacing } from '../../support/cloud/replacing.ts'
import {
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

const crash = () => Promise.reject(new Error('the power went'))
const mailsSince = (from: number) => home.cloud.aws.mailbox.slice(from)

describe('owners', () => {
  test('who read different languages get one letter for each language', async () => {
    const from = home.cloud.aws.mailbox.length
    await ask(home, { door: oakDoor })
    expect(mailsSince(from).map(({ to }) => to)).toEqual([
      ['a@oak.example', 'b@oak.example'],
      ['c@oak.example'],
    ])
    expect(mailsSince(from)[1]?.subject).not.toBe(mailsSince(from)[0]?.subject)
  })

  test('of one visit are asked once, however often and by however many', async () => {
    const from = home.cloud.aws.mailbox.length
    const { deps, clock } = home.cloud
    const asked = await ask(home)
    const request = await requestIn(home.cloud, asked.request)
    if (!request) throw new Error('nothing was asked')
    const { visitId, face } = request
    const visit = {
      ...{ household, doorId, visitId, number: 583, startedAtMs: clock.nowMs(), endedAtMs: null },
      ...{
        matches: {},
        strangers: [],
        scans: [],
        grants: {},
        timeline: [],
        corrections: {},
        kept: null,
      },
    }
    const needed = {
      ...({ kind: 'request-approval', subject: 'stranger-1', resembles: null, face } as const),
      why: 'not-on-file' as const,
    }
    const answers = await Promise.all(
      Array.from({ length: 20 }, () => requestApproval(deps, visit, needed)),
    )
    expect(new Set(answers)).toEqual(new Set(['taken']))
    expect(mailsSince(from)).toHaveLength(1)
    const others = await Promise.all(
      Array.from({ length: 20 }, () =>
        requestApproval(deps, visit, { ...needed, subject: 'stranger-2' }),
      ),
    )
    expect(others.filter((one) => one === 'mailed')).toHaveLength(1)
    expect(mailsSince(from)).toHaveLength(2)
  })

  test('whose mail was lost in a crash get another one, and only its link works', async () => {
    const from = home.cloud.aws.mailbox.length
    const { deps, clock } = home.cloud
    const visitId = newId()
    const crashing: CloudDeps = {
      ...deps,
      approvalRequests: replacing(deps.approvalRequests, { markMailed: crash }),
    }
    await expect(ask(home, { visitId, deps: crashing })).rejects.toThrow('the power went')
    const lost = linkIn(mailsSince(from)[0]?.text ?? '')
    clock.advance(sendingLeaseMs)
    const asked = await ask(home, { visitId })
    expect(mailsSince(from)).toHaveLength(2)
    expect(asked.request).toBe(lost.request)
    const shownBy = (token: string) =>
      showRequest(deps, asked.request, { kind: 'mail', token }, 'en')
    expect(await shownBy(lost.token)).toBeNull()
    expect(await shownBy(asked.token)).toMatchObject({ state: 'open' })
  })
})
