/** Break-glass sheets in random sequences of events, and what must hold of them. */
import fc from 'fast-check'
import { expect } from 'vitest'
import { breakGlassCodes, breakGlassGrants } from '../../../../protocol/break-glass.ts'
import type { Crash } from '../../../support/door/door-model.ts'
import type { Property, Step, World } from './timelines.ts'

const sheetId = (n: number) => n.toString(16).padStart(32, '7').split('').reverse().join('')
const sheet = fc.integer({ min: 1, max: 3 })
const crash = fc.constantFrom<Crash>('never', 'never', 'never', 'before-keeping', 'before-acting')

export const sheetSteps: fc.Arbitrary<Step> = fc.oneof(
  {
    weight: 2,
    arbitrary: fc.record({ sheet, mode: crash }).map(({ sheet, mode }) => ({
      what: `sheet ${sheet} from the cloud (${mode})`,
      run: ({ send, nowMs, door }: World) =>
        send(
          {
            ...{ type: 'new-sheet', nonce: door.newId(), by: 'owner', sheetId: sheetId(sheet) },
            expiresAtMs: nowMs() + 5_000,
          },
          mode,
        ),
    })),
  },
  {
    weight: 1,
    arbitrary: crash.map((mode) => ({
      what: `a sheet from a terminal (${mode})`,
      run: ({ door }: World) => door.makeSheet(door.newId().split('').reverse().join(''), mode),
    })),
  },
  {
    weight: 6,
    arbitrary: fc
      .record({ sheet, code: fc.nat(breakGlassCodes - 1), mode: crash })
      .map(({ sheet, code, mode }) => ({
        what: `code ${code} of sheet ${sheet} (${mode})`,
        run: ({ door }: World) =>
          void door.enter(breakGlassGrants(sheetId(sheet))[code] ?? null, mode),
      })),
  },
)

export const sheetProperties: Readonly<Record<string, Property>> = {
  'a break-glass code opens once, and only one of the last sheet'() {
    const used = new Set<string>()
    let last: readonly string[] = []
    return {
      step(added) {
        for (const body of added) {
          if (body.type === 'sheet-stored') last = breakGlassGrants(body.sheetId)
          if (body.type !== 'entry-accepted' || body.credential !== 'break-glass') continue
          expect(last).toContain(body.grantId)
          expect(used).not.toContain(body.grantId)
          used.add(body.grantId)
          const left = last.filter((grantId) => !used.has(grantId)).length
          expect(body.codesLeft).toBe(left)
        }
      },
    }
  },
}
