/** What every store of door keys must do. */
import { afterEach, beforeEach, describe, expect, test } from 'vitest'
import { OutsideFault, type Secrets } from '../../../cloud/ports.ts'
import { type AwsServer, startAws } from '../../../simulation/aws/server.ts'
import type { ServiceName } from '../../../simulation/aws/wire.ts'
import {
  type ClientSettings,
  clientSettings,
  impatient,
  type Reply,
  type ScriptedService,
  startScriptedService,
  thrownBy,
} from '../../support/network/scripted-service.ts'

export interface SecretsBench {
  make(settings: ClientSettings, nowMs: () => number): Secrets
  readonly service: ServiceName
  /** Puts a new key in the place of the old one, as an owner would. */
  replace(settings: ClientSettings, doorId: string, stored: string): Promise<void>
  /** A success with this in the secret's place. */
  reply(stored: string): Reply
}

const door = 'maple-street_front'
const first = 'a1'.repeat(32)
const second = 'b2'.repeat(32)
const fiveMinutesMs = 5 * 60_000

const hex = (bytes: Uint8Array): string => Buffer.from(bytes).toString('hex')

export function secretsContract(name: string, bench: SecretsBench): void {
  describe(`door keys in ${name}`, () => {
    let standIn: AwsServer
    let scripted: ScriptedService
    let nowMs = 0
    const made = (url: string) => bench.make(clientSettings(url), () => nowMs)

    beforeEach(async () => {
      nowMs = Date.UTC(2026, 5, 1, 12)
      const secrets = { [`smart-door/door-key/${door}`]: first }
      standIn = await startAws({ secrets })
      scripted = await startScriptedService()
    })
    afterEach(async () => {
      await scripted.close()
      await standIn.close()
    })

    test('and gives the one of each door', async () => {
      expect(hex(await made(standIn.url).doorKey(door))).toBe(first)
      const { error } = await thrownBy(made(standIn.url).doorKey('maple-street_back'))
      expect(error).toBeInstanceOf(OutsideFault)
      expect(error).toHaveProperty('code', 'ResourceNotFoundException')
    })

    test('and asks for it once in five minutes, however many want it', async () => {
      scripted.answer(bench.reply(first))
      const secrets = made(scripted.url)
      await Promise.all([secrets.doorKey(door), secrets.doorKey(door)])
      nowMs += fiveMinutesMs - 1
      expect(hex(await secrets.doorKey(door))).toBe(first)
      expect(scripted.asked).toHaveLength(1)
    })

    test('and notices a new one after five minutes', async () => {
      const secrets = made(standIn.url)
      await secrets.doorKey(door)
      await bench.replace(clientSettings(standIn.url), door, second)
      nowMs += fiveMinutesMs
      expect(hex(await secrets.doorKey(door))).toBe(second)
    })

    test('and asks anew after a failure', async () => {
      standIn.fault({ service: bench.service, kind: 'error', status: 403, nth: 1 })
      const secrets = made(standIn.url)
      await expect(secrets.doorKey(door)).rejects.toThrow(OutsideFault)
      expect(hex(await secrets.doorKey(door))).toBe(first)
    })

    test.each([
      ['one digit short', first.slice(1)],
      ['one digit long', `${first}a`],
      ['no digits', 'x'.repeat(64)],
      ['another writing', `${first}\n`],
      ['nothing', ''],
    ])('but not one that is %s, and never says what it was', async (_, stored) => {
      scripted.answer(bench.reply(stored))
      const { error, all } = await thrownBy(made(scripted.url).doorKey(door))
      expect(error).toBeInstanceOf(OutsideFault)
      expect(all).not.toMatch(/a1a1|xxxx/)
    })

    test('and says nothing of an answer that makes no sense', async () => {
      const reply = bench.reply(first)
      scripted.answer({ ...reply, body: reply.body.slice(0, -1) })
      const { error, all } = await thrownBy(made(scripted.url).doorKey(door))
      expect(error).toBeInstanceOf(OutsideFault)
      expect(all).not.toContain('a1a1')
    })

    test('and does not wait for ever', async () => {
      const secrets = bench.make(impatient(clientSettings(scripted.url)), () => nowMs)
      const { error } = await thrownBy(secrets.doorKey(door))
      expect(error).toHaveProperty('code', 'TimeoutError')
    })
  })
}
