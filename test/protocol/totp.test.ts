import { describe, expect, test } from 'vitest'
import { totpCode, totpPeriodMs, totpPeriodOf, totpSecret } from '../../protocol/totp.ts'

const secret = Buffer.from('12345678901234567890')

describe('the code of an authenticator app', () => {
  // The last six of the eight digits in appendix B of RFC 6238.
  test.each([
    [59, '287082'],
    [1_111_111_109, '081804'],
    [1_111_111_111, '050471'],
    [1_234_567_890, '005924'],
    [2_000_000_000, '279037'],
    [20_000_000_000, '353130'],
  ])('at %i s is %s', (seconds, code) => {
    const period = Math.floor((seconds * 1_000) / totpPeriodMs)
    expect(totpCode(secret, period)).toBe(code)
    expect(totpPeriodOf(secret, code, seconds * 1_000)).toBe(period)
  })

  test('counts one period before and after its own', () => {
    const nowMs = 1_234_567_890_000
    const period = Math.floor(nowMs / totpPeriodMs)
    const offsets = [-2, -1, 0, 1, 2].filter(
      (offset) => totpPeriodOf(secret, totpCode(secret, period + offset), nowMs) !== null,
    )
    expect(offsets).toEqual([-1, 0, 1])
  })

  test('has another secret for each grant and each door', () => {
    const secrets = [
      totpSecret(Buffer.alloc(32, 1), '0'.repeat(32)),
      totpSecret(Buffer.alloc(32, 1), '1'.repeat(32)),
      totpSecret(Buffer.alloc(32, 2), '0'.repeat(32)),
    ]
    expect(new Set(secrets.map((one) => one.toString('hex'))).size).toBe(3)
    expect(secrets[0]).toHaveLength(20)
  })
})
