/** What every registry of doors must do. */
import { afterEach, beforeEach, describe, expect, test } from 'vitest'
import type { DoorRegistry } from '../../../cloud/ports.ts'
import { type AwsServer, startAws } from '../../../simulation/aws/server.ts'
import type { ServiceName } from '../../../simulation/aws/wire.ts'
import { type ClientSettings, clientSettings } from '../../support/network/scripted-service.ts'

export interface DoorRegistryBench {
  make(settings: ClientSettings): DoorRegistry
  readonly service: ServiceName
  /** Registers a door, with a certificate or without. */
  register(settings: ClientSettings, doorId: string, certified: boolean): Promise<void>
}

export function doorRegistryContract(name: string, bench: DoorRegistryBench): void {
  describe(`${name} knows which doors are registered`, () => {
    let standIn: AwsServer
    const settings = () => clientSettings(standIn.url)

    beforeEach(async () => {
      standIn = await startAws({ iotControl: { sign: () => 'a certificate' } })
    })
    afterEach(() => standIn.close())

    test('and which of them have a certificate', async () => {
      await bench.register(settings(), 'maple-street_front', true)
      await bench.register(settings(), 'hill_gate', false)
      const registry = bench.make(settings())
      expect(await registry.hasCertificate('maple-street_front')).toBe(true)
      expect(await registry.hasCertificate('hill_gate')).toBe(false)
    })

    test('and fails when the service does', async () => {
      standIn.fault({ service: bench.service, kind: 'throttle' })
      await expect(bench.make(settings()).hasCertificate('hill_gate')).rejects.toThrow()
    })
  })
}
