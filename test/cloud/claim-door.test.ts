/** Whether a device with a claim certificate may become a door. */
import { beforeAll, describe, expect, test, vi } from 'vitest'
import type { DoorRegistry } from '../../cloud/ports.ts'

const fresh = 'maple-street_front'
const settledIn = 'maple-street_back'
const certified: DoorRegistry = { hasCertificate: async (doorId) => doorId === settledIn }

let claim: (ThingName: unknown, doorRegistry?: DoorRegistry) => Promise<unknown>
let logged: object[]

beforeAll(async () => {
  vi.stubEnv('CLAIMABLE_DOORS', fresh)
  vi.stubEnv('AWS_REGION', 'eu-central-1')
  const { makeHandler } = await import('../../cloud/functions/claim-door.ts')
  const log = (data: object) => void logged.push(data)
  claim = (ThingName, doorRegistry = certified) => {
    logged = []
    return makeHandler({
      claimableDoors: [fresh, settledIn],
      doorRegistry,
      log: { info: log, warn: log, error: log },
      clock: { nowMs: () => 0 },
      newId: () => '',
    })({
      claimCertificateId: 'c1',
      certificateId: 'new',
      certificatePem: '…',
      templateArn: 'arn:aws:iot:eu-central-1:111122223333:provisioningtemplate/smart-door',
      clientId: 'claim-1',
      parameters: { ThingName },
    })
  }
  return () => vi.unstubAllEnvs()
})

describe('a device with a claim', () => {
  test('becomes a door that is expected', async () => {
    expect(await claim(fresh)).toEqual({ allowProvisioning: true })
  })

  test.each(['hill_gate', '', 'maple-street_front ', '__proto__'])(
    'does not become %j, which is not expected, and the name is not logged',
    async (name) => {
      expect(await claim(name)).toEqual({ allowProvisioning: false })
      expect(logged).toEqual([{ reason: 'not-expected', claimCertificateId: 'c1' }])
    },
  )

  test('does not become a door that has its certificate', async () => {
    expect(await claim(settledIn)).toEqual({ allowProvisioning: false })
    expect(logged).toEqual([{ reason: 'has-a-certificate', claimCertificateId: 'c1' }])
  })

  test('becomes no door when the registry fails or the event is malformed', async () => {
    const broken: DoorRegistry = { hasCertificate: () => Promise.reject(new Error('busy')) }
    await expect(claim(fresh, broken)).rejects.toThrow('busy')
    await expect(claim(7)).rejects.toThrow()
  })
})
