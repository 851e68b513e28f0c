/** What every SMS provider must do. */
import { afterEach, beforeEach, describe, expect, test } from 'vitest'
import { OutsideFault, type Sms } from '../../../cloud/ports.ts'
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

export interface SmsBench {
  make(settings: ClientSettings): Sms
  readonly service: ServiceName
  /** A success without a message id. */
  readonly emptyAnswer: Reply
  /** A refusal with this message. */
  refusal(words: string): Reply
}

const code = '482915'
const grant = {
  ...{ household: 'maple-street', doorId: 'maple-street_front' },
  ...{ grantId: 'ab'.repeat(16), tag: 'cd'.repeat(32) },
}
export const sms = {
  ...{ to: '+4915500000001', body: `Front door: ${code} opens it until 14:05.` },
  grant,
}

export function smsContract(name: string, bench: SmsBench): void {
  describe(`${name}`, () => {
    let standIn: AwsServer
    let scripted: ScriptedService
    const provider = () => bench.make(clientSettings(standIn.url))

    beforeEach(async () => {
      standIn = await startAws()
      scripted = await startScriptedService()
    })
    afterEach(async () => {
      await scripted.close()
      await standIn.close()
    })

    test('sends an SMS once, with the code', async () => {
      await provider().send(sms)
      expect(standIn.texts).toHaveLength(1)
      expect(standIn.texts[0]?.to).toBe(sms.to)
      expect(standIn.texts[0]?.body).toContain(code)
    })

    test('tries again when it is throttled', async () => {
      standIn.fault({ service: bench.service, kind: 'throttle', nth: 1 })
      await provider().send(sms)
      expect(standIn.texts).toHaveLength(1)
    })

    test('reports a failure without the number or the code', async () => {
      scripted.answer(bench.refusal(`${sms.to} does not take "${sms.body}"`))
      const sending = bench.make(clientSettings(scripted.url)).send(sms)
      const { error, all } = await thrownBy(sending)
      expect(error).toBeInstanceOf(OutsideFault)
      expect(error).toHaveProperty('code', expect.stringMatching(/^\w+$/))
      expect(all).not.toMatch(/4915500000001|482915/)
    })

    test('refuses a success without a message id', async () => {
      scripted.answer(bench.emptyAnswer)
      const { error } = await thrownBy(bench.make(clientSettings(scripted.url)).send(sms))
      expect(error).toBeInstanceOf(OutsideFault)
    })

    test('stops waiting after its time-out', async () => {
      const settings = impatient(clientSettings(scripted.url))
      const { error } = await thrownBy(bench.make(settings).send(sms))
      expect(error).toHaveProperty('code', 'TimeoutError')
    })
  })
}
