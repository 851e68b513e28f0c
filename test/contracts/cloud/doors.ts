/** What every way of commanding doors must do. */
import { afterEach, beforeEach, describe, expect, test } from 'vitest'
import type { Doors } from '../../../cloud/ports.ts'
import {
  type CloudMessage,
  oneTimeCredential,
  parseCloudMessage,
} from '../../../protocol/messages/cloud.ts'
import { type AwsServer, startAws } from '../../../simulation/aws/server.ts'
import type { ServiceName } from '../../../simulation/aws/wire.ts'
import {
  type ClientSettings,
  clientSettings,
  thrownBy,
} from '../../support/network/scripted-service.ts'

export interface DoorsBench {
  make(settings: ClientSettings): Doors
  readonly service: ServiceName
}

const idOf = (number: number): string => number.toString(16).padStart(32, '0')

const nowMs = 1_800_000_000_000
const envelope = {
  v: 1,
  id: idOf(1),
  doorId: 'maple-street_front',
  seq: nowMs * 1_000,
  atMs: nowMs,
} as const

const credentialOf = (number: number, visitorName: string) =>
  oneTimeCredential({
    grantId: idOf(number),
    visitId: idOf(2),
    visitorId: idOf(3),
    visitorName,
    language: 'de',
    digits: 8,
    notBeforeMs: nowMs,
    expiresAtMs: nowMs + 300_000,
  })

const grantTo = (visitorName: string): CloudMessage => ({
  ...envelope,
  type: 'grant',
  credential: credentialOf(1, visitorName),
})
const grant = grantTo('Zoë Müller-Ångström')

export function doorsContract(name: string, bench: DoorsBench): void {
  describe(`${name} commands doors`, () => {
    let standIn: AwsServer
    const doors = () => bench.make(clientSettings(standIn.url))

    beforeEach(async () => {
      standIn = await startAws()
    })
    afterEach(() => standIn.close())

    test('on the topic that only this door may hear', async () => {
      await doors().send(grant)
      const topic = 'door/v1/maple-street_front/cmd/grant'
      expect(standIn.published).toMatchObject([{ topic, qos: 1 }])
    })

    test('in words that the door understands', async () => {
      await doors().send(grant)
      const text = Buffer.from(standIn.published[0]?.payload ?? []).toString('utf8')
      expect(parseCloudMessage(text)).toEqual({ ok: true, message: grant })
    })

    test('never so that a door which comes later would hear of it', async () => {
      await doors().send({ ...envelope, type: 'time', answers: idOf(9) })
      expect(standIn.published[0]?.retain).toBe(false)
    })

    test('and does not store short-lived ones for a door that is offline', async () => {
      const fresh = { nonce: idOf(4), expiresAtMs: nowMs + 10_000, by: 'owner' }
      await doors().send({ ...envelope, type: 'unlock', ...fresh })
      await doors().send(grant)
      expect(standIn.published).toMatchObject([{ expirySeconds: 10 }, { expirySeconds: null }])
    })

    test('again when the service is busy, and then one arrives', async () => {
      standIn.fault({ service: bench.service, kind: 'throttle', nth: 1 })
      await doors().send(grant)
      expect(standIn.published).toHaveLength(1)
    })

    test('or says that it could not', async () => {
      standIn.fault({ service: bench.service, kind: 'error', status: 403, code: 'Forbidden' })
      await expect(doors().send(grant)).rejects.toThrow()
      expect(standIn.published).toEqual([])
    })

    test('but not oversized ones, and the error does not quote them', async () => {
      const credentials = Array.from({ length: 200 }, (_, at) =>
        credentialOf(at + 1, '🚪'.repeat(120)),
      )
      const whole = { credentials, removedVisitors: [], settings: null, answers: idOf(7) }
      const { error, all } = await thrownBy(doors().send({ ...envelope, type: 'state', ...whole }))
      expect(error).toHaveProperty('code', 'UNSENDABLE_MESSAGE')
      expect(all).not.toContain('🚪')
      expect(standIn.published).toEqual([])
    })

    test('and not with what the door would refuse', async () => {
      const steering = grantTo('Robin\u001b[2J')
      const { error, all } = await thrownBy(doors().send(steering))
      expect(error).toHaveProperty('code', 'UNSENDABLE_MESSAGE')
      expect(all).not.toContain('Robin')
      expect(all).toContain('credential.holder.name')
      expect(standIn.published).toEqual([])
    })
  })
}
