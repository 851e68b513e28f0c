/** What the owner sets up beforehand, through the API and the pages of the console. */
import * as z from 'zod/mini'
import { doorId } from './household.ts'
import type { OwnersBrowser } from './owners-browser.ts'

export interface OwnersSettings {
  /** Of a person who is on file from then on. */
  setPin(pin: {
    readonly name: string
    readonly code: string
    readonly duress: boolean
    /** Null: in any number of visits. */
    readonly visits: number | null
  }): Promise<boolean>
  setMode(mode: string, hours: string): Promise<boolean>
  /** The codes of a new break-glass sheet, once the door has them. */
  printSheet(settled: () => Promise<void>): Promise<readonly string[]>
}

const addedSchema = z.object({ visitor: z.object({ visitorId: z.string() }) })
const anyTime = {
  ...{ notBeforeMs: 1, expiresAtMs: null, weeklyHours: [] },
}

export function ownersSettings(owner: OwnersBrowser): OwnersSettings {
  const people = new Map<string, string>()
  const ask = (path: string, body: object) =>
    owner.fetch(path, { method: 'POST', body: JSON.stringify(body) })
  const page = async (path: string) => (await owner.fetch(path)).text()
  const send = (path: string, fields: Readonly<Record<string, string>>) =>
    owner.fetch(path, {
      method: 'POST',
      headers: { 'sec-fetch-site': 'same-origin' },
      body: new URLSearchParams(fields),
    })
  const nonceFor = async (at: string, action: string) =>
    new RegExp(`action="${action}">\\s*<input type="hidden" name="nonce" value="(\\w+)"`).exec(
      await page(at),
    )?.[1] ?? ''

  async function visitorFor(name: string): Promise<string> {
    const known = people.get(name)
    if (known !== undefined) return known
    const answer = await ask('/v1/visitors', {
      ...{ name, language: 'en', validity: 'always', phone: '+49 170 7654321' },
    })
    const { visitor } = z.parse(addedSchema, await answer.json())
    const { visitorId } = visitor
    people.set(name, visitorId)
    return visitorId
  }

  return {
    async setPin({ name, code: pin, duress, visits }) {
      const visitorId = await visitorFor(name)
      const purpose = duress ? 'duress' : 'pin'
      const path = `/v1/doors/${doorId}/credentials`
      return (await ask(path, { purpose, visitorId, pin, validity: { ...anyTime, visits } })).ok
    },
    async setMode(mode, hours) {
      const path = `/doors/${doorId}/mode`
      const nonce = await nonceFor(`/doors/${doorId}`, path)
      return (await send(path, { nonce, mode, hours })).status === 303
    },
    async printSheet(settled) {
      const path = `/doors/${doorId}/sheet`
      const { headers } = await send(path, { nonce: await nonceFor(path, path) })
      await settled()
      const shown = await page(headers.get('location') ?? path)
      return [...shown.matchAll(/class="code">([\d ]+)</g)].map(([, code = '']) =>
        code.replaceAll(' ', ''),
      )
    },
  }
}
