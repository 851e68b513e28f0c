/** Verified by openssl. */
import { execFileSync } from 'node:child_process'
import { createPrivateKey } from 'node:crypto'
import { expect, test } from 'vitest'
import { newRequest } from '../../../device/cli/provision/certificate-request.ts'

const openssl = (input: string, ...args: string[]) =>
  execFileSync('openssl', args, { input, stdio: ['pipe', 'pipe', 'pipe'] }).toString()

// The lengths around which the encoding of a length changes.
test.each(['d', 'maple-street_front', 'x'.repeat(64)])('requests a certificate for %s', (name) => {
  const { key, request } = newRequest(name)
  expect(openssl(request, 'req', '-verify', '-noout', '-subject')).toContain(`CN = ${name}`)
  const inRequest = openssl(request, 'req', '-noout', '-pubkey')
  expect(openssl(key, 'pkey', '-pubout')).toBe(inRequest)
  expect(createPrivateKey(key).asymmetricKeyDetails).toEqual({ namedCurve: 'prime256v1' })
})

test('uses a new key each time', () => {
  expect(newRequest('door').key).not.toBe(newRequest('door').key)
})
