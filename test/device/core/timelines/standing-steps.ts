/** Steps with standing credentials, for random sequences of events. */
import fc from 'fast-check'
import { type Credential, credentialsIn } from '../../../../protocol/messages/cloud.ts'
import type { Crash } from '../../../support/door/door-model.ts'
import type { Step, World } from './timelines.ts'

const id = (n: number) => n.toString(16).padStart(32, '5')
const hourMs = 3_600_000

const weekly = (toMinute: number) => ({
  weeklyHours: [{ weekdays: [1, 2, 3, 4, 5, 6, 7], fromMinute: 0, toMinute }],
})

/** Each holder has another kind of terms. They change, but never from one kind to another. */
const holders = {
  resident: () => ({}),
  cleaner: (sooner: boolean) => weekly(sooner ? 60 : 720),
  courier: () => ({ visits: 2 }),
  guest: (sooner: boolean) => ({ endsInMs: sooner ? hourMs : 2 * hourMs }),
  'guest for an hour': () => ({ endsAfterFirstUseMs: hourMs }),
  'resident with an app': () => ({ second: 'totp' as const }),
} satisfies Record<string, (sooner: boolean) => Rules>

interface Rules extends Partial<Credential['validity']> {
  readonly endsInMs?: number
  readonly second?: 'totp'
}
type Holder = keyof typeof holders
const names = [
  'resident',
  'cleaner',
  'courier',
  'guest',
  'guest for an hour',
  'resident with an app',
] as const satisfies readonly Holder[]
export const grantOf = (holder: Holder): string => id(names.indexOf(holder) + 1)

function credential(holder: Holder, nowMs: number, sooner: boolean): Credential {
  const { second, endsInMs, ...rules }: Rules = holders[holder](sooner)
  return {
    grantId: grantOf(holder),
    kind: 'standing',
    holder: { visitorId: id(50 + names.indexOf(holder)), name: holder, language: 'en' },
    ...{ visitId: null, digits: 10, tag: null, flags: [] },
    ...(second && { second }),
    validity: {
      notBeforeMs: nowMs,
      expiresAtMs: endsInMs === undefined ? null : nowMs + endsInMs,
      ...{ weeklyHours: [], visits: null },
      ...rules,
    },
  }
}

const holder = fc.constantFrom(...names)
const crash = fc.constantFrom<Crash>('never', 'never', 'never', 'before-keeping', 'before-acting')

/** What the cloud would list: the last of each that it did not withdraw. */
function listed({ sent }: World): Credential[] {
  const live = new Map<string, Credential>()
  for (const message of sent) {
    for (const one of credentialsIn(message))
      if (one.kind === 'standing') live.set(one.grantId, one)
    if (message.type === 'revoke-grant') live.delete(message.grantId)
  }
  return [...live.values()]
}

export const standingSteps: fc.Arbitrary<Step> = fc.oneof(
  {
    weight: 4,
    arbitrary: fc
      .record({ holder, sooner: fc.boolean(), mode: crash })
      .map(({ holder, sooner, mode }) => ({
        what: `standing credential of the ${holder}${sooner ? ', shorter' : ''} (${mode})`,
        run: ({ send, nowMs }: World) =>
          send({ type: 'grant', credential: credential(holder, nowMs(), sooner) }, mode),
      })),
  },
  {
    weight: 6,
    arbitrary: fc.record({ holder, mode: crash }).map(({ holder, mode }) => ({
      what: `the ${holder} types the code (${mode})`,
      run: ({ door }: World) => void door.enter(grantOf(holder), mode),
    })),
  },
  {
    weight: 1,
    arbitrary: holder.map((name) => ({
      what: `withdraw that of the ${name}`,
      run: ({ send }: World) =>
        send({ type: 'revoke-grant', grantId: grantOf(name), reason: 'test' }),
    })),
  },
  {
    weight: 1,
    arbitrary: fc.constantFrom(1, 2, 3).map((of) => ({
      what: `resync in ${of} messages`,
      run(world: World) {
        const answers = world.door.state().link.asked?.ask ?? id(0)
        const all = listed(world)
        const bounds = ['0'.repeat(32), id(3), id(5)].slice(0, of)
        for (const [index, from] of bounds.entries()) {
          const before = bounds[index + 1] ?? null
          world.send({
            type: 'state',
            answers,
            ...(of > 1 && { page: { number: index + 1, of, from, before } }),
            credentials: all.filter(
              ({ grantId }) => grantId >= from && (before === null || grantId < before),
            ),
            removedVisitors: [],
            settings: null,
          })
        }
      },
    })),
  },
)
