/** Who a signed-in person is. */
import { settings } from '../config.ts'
import type { SignIns } from '../ports.ts'
import { clock } from './basics.ts'
import { onFirstCall } from './on-first-call.ts'

export function signIns(): SignIns {
  const { COGNITO_ISSUER: issuer, COGNITO_CLIENT_ID: clientId } = settings(
    'COGNITO_ISSUER',
    'COGNITO_CLIENT_ID',
  )
  const load = async () => {
    const { signInsCognito } = await import('../aws/cognito/sign-ins.ts')
    return signInsCognito({ issuer, clientId, clock })
  }
  return onFirstCall<SignIns>(load, (it) => ({
    verify: async (token) => (await it()).verify(token),
  }))
}
