/** Random sequences of events at one door: grants, codes, replays, crashes, restarts, wrong clocks. */
import fc from 'fast-check'
import { localHolderId } from '../../../../device/core/credentials/local-holder.ts'
import {
  type CloudBody,
  type CloudMessage,
  oneTimeCredential,
} from '../../../../protocol/messages/cloud.ts'
import type { DoorBody } from '../../../../protocol/messages/door.ts'
import { type Crash, createDoorModel, type DoorModel } from '../../../support/door/door-model.ts'
import { sheetSteps } from './sheet-steps.ts'
import { standingSteps } from './standing-steps.ts'

const startMs = Date.UTC(2026, 5, 1)
const id = (n: number) => n.toString(16).padStart(32, 'a')
const crashes: Crash[] = [...Array<Crash>(8).fill('never'), 'before-keeping', 'before-acting']

/** A door and a cloud that can send an earlier message again. */
export function createWorld(door: DoorModel = createDoorModel()) {
  let seq = 0
  const sent: CloudMessage[] = []
  const nowMs = () => startMs + door.worldMs()
  return {
    door,
    sent,
    nowMs,
    send(body: CloudBody, crash: Crash = 'never') {
      seq += 1
      const envelope = { v: 1, id: door.newId(), doorId: 'door', seq, atMs: nowMs() } as const
      const message: CloudMessage = { ...envelope, ...body }
      sent.push(message)
      door.command(message, crash)
    },
    replay(index: number) {
      const message = sent[index % Math.max(1, sent.length)]
      if (message) door.command(message)
    },
  }
}
export type World = ReturnType<typeof createWorld>

export interface Step {
  /** What a failing run prints. */
  readonly what: string
  readonly run: (world: World) => void
}

export interface Check {
  /** Called with what one step added to the log. */
  readonly step?: (added: readonly DoorBody[]) => void
  readonly end?: () => void
}
export type Property = (world: World, timeline: readonly Step[]) => Check

const crash = fc.constantFrom(...crashes)
const person = fc.integer({ min: 1, max: 3 })
const lastLocalGrant = (door: DoorModel): string | null =>
  [...door.grants.values()].findLast(({ visitorId }) => visitorId === localHolderId)?.grantId ??
  null

const step = (arbitrary: fc.Arbitrary<Step>) => arbitrary

export const steps: fc.Arbitrary<Step> = fc.oneof(
  { weight: 12, arbitrary: standingSteps },
  { weight: 6, arbitrary: sheetSteps },
  {
    weight: 6,
    arbitrary: step(
      fc
        .record({
          n: person,
          validMs: fc.constantFrom(1_000, 60_000, 300_000, 400_000),
          mode: crash,
        })
        .map(({ n, validMs, mode }) => ({
          what: `grant ${n} for ${validMs} (${mode})`,
          run: ({ send, nowMs }) =>
            send(
              {
                type: 'grant',
                credential: oneTimeCredential({
                  grantId: id(n),
                  visitId: null,
                  visitorId: id(100 + (n % 3)),
                  visitorName: 'Visitor',
                  language: 'en',
                  digits: 8,
                  notBeforeMs: nowMs(),
                  expiresAtMs: nowMs() + validMs,
                }),
              },
              mode,
            ),
        })),
    ),
  },
  {
    weight: 4,
    arbitrary: step(
      crash.chain((mode) =>
        fc.constantFrom<Step>(
          {
            what: `code made at the door (${mode})`,
            run: ({ door }) => door.makePasscode(door.newId(), mode),
          },
          {
            what: `enter the last code made at the door (${mode})`,
            run: ({ door }) => void door.enter(lastLocalGrant(door), mode),
          },
        ),
      ),
    ),
  },
  {
    weight: 8,
    arbitrary: step(
      fc.record({ n: person, mode: crash }).map(({ n, mode }) => ({
        what: `enter code ${n} (${mode})`,
        run: ({ door }) => void door.enter(id(n), mode),
      })),
    ),
  },
  {
    weight: 5,
    arbitrary: step(
      fc.record({ mode: crash }).map(({ mode }) => ({
        what: `enter wrong code (${mode})`,
        run: ({ door }) => void door.enter(null, mode),
      })),
    ),
  },
  {
    weight: 5,
    arbitrary: step(
      fc
        .constantFrom(0, 1, 500, 5_000, 5_001, 59_999, 60_000, 300_000, 3_600_000, 90_000_000)
        .map((ms) => ({
          what: `pass ${ms}`,
          run: ({ door }) => door.pass(ms),
        })),
    ),
  },
  {
    weight: 2,
    arbitrary: step(
      fc.constantFrom(0, 1_000, 3_600_000).map((ms) => ({
        what: `power cut for ${ms}`,
        run: ({ door }) => door.powerCut(ms),
      })),
    ),
  },
  {
    weight: 6,
    arbitrary: step(
      fc
        .record({
          errorMs: fc.constantFrom(0, 0, 0, -7_200_000, -3_540_000, -1_000, 7_200_000),
          source: fc.constantFrom('ntp' as const, 'host' as const),
        })
        .map(({ errorMs, source }) => ({
          what: `local clock (${source}) off by ${errorMs}`,
          run: ({ door, nowMs }) =>
            door.happen({ kind: 'clock-confirmed', atMs: nowMs() + errorMs, source }),
        })),
    ),
  },
  {
    weight: 3,
    arbitrary: step(
      fc
        .record({
          tookMs: fc.constantFrom(0, 200, 20_000),
          errorMs: fc.constantFrom(0, 0, -7_200_000),
        })
        .map(({ tookMs, errorMs }) => ({
          what: `cloud answers with the time after ${tookMs}, off by ${errorMs}`,
          run({ door, send, nowMs }) {
            door.happen({ kind: 'link-changed', online: false })
            door.happen({ kind: 'link-changed', online: true })
            door.pass(tookMs)
            const { asked } = door.state().link
            if (!asked) return
            const at = nowMs() + errorMs
            const honest = errorMs === 0
            if (honest) send({ type: 'time', answers: asked.ask })
            else
              door.command({
                v: 1,
                id: door.newId(),
                doorId: 'door',
                seq: 1,
                atMs: at,
                type: 'time',
                answers: asked.ask,
              })
          },
        })),
    ),
  },
  {
    weight: 3,
    arbitrary: step(
      fc
        .record({ lifeMs: fc.constantFrom(-1, 5_000, 10_000, 60_000), mode: crash, n: person })
        .map(({ lifeMs, mode, n }) => ({
          what: `remote unlock, nonce ${n}, for ${lifeMs} (${mode})`,
          run: ({ send, nowMs }) =>
            send(
              { type: 'unlock', nonce: id(n), expiresAtMs: nowMs() + lifeMs, by: 'owner' },
              mode,
            ),
        })),
    ),
  },
  {
    weight: 1,
    arbitrary: step(
      person.map((n) => ({
        what: `pause lifted ${n}`,
        run: ({ send, nowMs }) =>
          send({
            type: 'lift-pause',
            nonce: id(50 + n),
            expiresAtMs: nowMs() + 5_000,
            by: 'owner',
          }),
      })),
    ),
  },
  {
    weight: 1,
    arbitrary: step(
      person.map((n) => ({
        what: `live view requested ${n}`,
        run: ({ send, nowMs }) =>
          send({
            type: 'watch-live',
            ...{ nonce: id(70 + n), expiresAtMs: nowMs() + 5_000, by: 'owner', forMs: 300_000 },
          }),
      })),
    ),
  },
  {
    weight: 2,
    arbitrary: step(
      person.map((n) => ({
        what: `revoke ${n}`,
        run: ({ send }) => send({ type: 'revoke-grant', grantId: id(n), reason: 'test' }),
      })),
    ),
  },
  {
    weight: 1,
    arbitrary: step(
      person.map((n) => ({
        what: `remove visitor ${n}`,
        run: ({ send }) => send({ type: 'visitor-removed', visitorId: id(100 + (n % 3)) }),
      })),
    ),
  },
  {
    weight: 1,
    arbitrary: step(
      fc.constant({
        what: 'resync with an empty state',
        run: ({ send, door }: World) =>
          send({
            type: 'state',
            answers: door.state().link.asked?.ask ?? id(0),
            credentials: [],
            removedVisitors: [],
            settings: null,
          }),
      }),
    ),
  },
  {
    weight: 4,
    arbitrary: step(
      fc.nat(50).map((index) => ({ what: `replay ${index}`, run: ({ replay }) => replay(index) })),
    ),
  },
  {
    weight: 4,
    arbitrary: step(
      fc.constantFrom(
        { what: 'bell', run: ({ door }: World) => door.happen({ kind: 'bell-pressed' }) },
        { what: 'exit button', run: ({ door }: World) => door.happen({ kind: 'exit-pressed' }) },
        { what: 'motion', run: ({ door }: World) => door.happen({ kind: 'motion', moving: true }) },
        {
          what: 'motion ends',
          run: ({ door }: World) => door.happen({ kind: 'motion', moving: false }),
        },
        {
          what: 'door leaf opens',
          run: ({ door }: World) => door.happen({ kind: 'contact-changed', open: true }),
        },
        {
          what: 'door leaf closes',
          run: ({ door }: World) => door.happen({ kind: 'contact-changed', open: false }),
        },
        {
          what: 'bond sensor closed',
          run: ({ door }: World) => door.happen({ kind: 'bond-changed', holding: true }),
        },
        {
          what: 'bond sensor open',
          run: ({ door }: World) => door.happen({ kind: 'bond-changed', holding: false }),
        },
        {
          what: 'an integration unlocks',
          run: ({ door }: World) =>
            door.happen({ kind: 'unlock-requested', origin: 'integration', by: 'test' }),
        },
        {
          what: 'stop',
          run: ({ door }: World) => door.happen({ kind: 'stopping', signal: 'SIGTERM' }),
        },
      ),
    ),
  },
)

export const timelines = fc.array(steps, { minLength: 1, maxLength: 60, size: 'max' })

/** Whether the door was given a wrong time by what it trusts: NTP is not, since it has a cloud. */
export const hasWrongClock = (timeline: readonly Step[]): boolean =>
  timeline.some(({ what }) => !what.includes('(ntp)') && /off by -?[1-9]/.test(what))
