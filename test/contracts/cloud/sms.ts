/** What every way of sending texts must do. */
import { afterEach, beforeEach, describe, expect, test } from 'vitest'
import { OutsideFault, type Texts } from '../../../cloud/ports.ts'
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

export interface TextsBench {
  make(settings: ClientSettings): Texts
  readonly service: ServiceName
  /** A success that says nothing. */
  readonly emptyAnswer: Reply
  /** How the service refuses, in these words. */
  refusal(words: string): Reply
}

export const text = {
  to: '+4915500000001',
  body: 'Front door: 482915 opens it until 14:05.',
  code: '482915',
  language: 'en',
} as const

export function textsContract(name: string, bench: TextsBench): void {
  describe(`${name} sends texts`, () => {
    let standIn: AwsServer
    let scripted: ScriptedService
    const texts = () => bench.make(clientSettings(standIn.url))

    beforeEach(async () => {
      standIn = await startAws()
      scripted = await startScriptedService()
    })
    afterEach(async () => {
      await scripted.close()
      await standIn.close()
    })

    test('once, to the one phone, with the code', async () => {
      await texts().send(text)
      expect(standIn.texts).toHaveLength(1)
      expect(standIn.texts[0]?.to).toBe(text.to)
      expect(standIn.texts[0]?.body).toContain(text.code)
    })

    test('again when the service is busy, and then one arrives', async () => {
      standIn.fault({ service: bench.service, kind: 'throttle', nth: 1 })
      await texts().send(text)
      expect(standIn.texts).toHaveLength(1)
    })

    test('or says that it failed, without the number or the code', async () => {
      scripted.answer(bench.refusal(`${text.to} does not take "${text.body}"`))
      const sending = bench.make(clientSettings(scripted.url)).send(text)
      const { error, all } = await thrownBy(sending)
      expect(error).toBeInstanceOf(OutsideFault)
      expect(error).toHaveProperty('code', expect.stringMatching(/^\w+$/))
      expect(all).not.toMatch(/4915500000001|482915/)
    })

    test('and does not believe a success that says nothing', async () => {
      scripted.answer(bench.emptyAnswer)
      const { error } = await thrownBy(bench.make(clientSettings(scripted.url)).send(text))
      expect(error).toBeInstanceOf(OutsideFault)
    })

    test('and does not wait for ever', async () => {
      const settings = impatient(clientSettings(scripted.url))
      const { error } = await thrownBy(bench.make(settings).send(text))
      expect(error).toHaveProperty('code', 'TimeoutError')
    })
  })
}
