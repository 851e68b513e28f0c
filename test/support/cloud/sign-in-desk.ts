/** Signs people in as Cognito does: real keys, real tokens, and its public keys where Cognito has them. */
import { once } from 'node:events'
import { createServer } from 'node:http'
import { type CryptoKey, exportJWK, generateKeyPair, SignJWT } from 'jose'

export interface SignInDesk {
  readonly issuer: string
  readonly clientId: string
  /** How often the public keys were fetched. */
  readonly asked: () => number
  idToken(claims?: TokenClaims): Promise<string>
  close(): Promise<void>
}

interface TokenClaims {
  readonly household?: string | null
  readonly memberId?: string
  readonly use?: string
  readonly issuer?: string
  readonly audience?: string
  /** Seconds from now. */
  readonly expiresIn?: number
  /** Signed with a key that is not the desk's, under the same name. */
  readonly forged?: boolean
}

const clientId = '1example23456789'
const alg = 'RS256'
const kid = 'key-1'

const place = '/eu-central-1_example/.well-known'
const endpointsOf = (host: string) =>
  Object.fromEntries(
    ['authorization', 'token', 'revocation', 'end_session'].map((name) => [
      `${name}_endpoint`,
      `http://${host}/${name}`,
    ]),
  )

export async function signInDesk(): Promise<SignInDesk> {
  const [own, foreign] = await Promise.all([generateKeyPair(alg), generateKeyPair(alg)])
  const keys = [{ ...(await exportJWK(own.publicKey)), kid, alg, use: 'sig' }]
  let asked = 0
  const server = createServer((request, response) => {
    if (request.url === `${place}/openid-configuration`) {
      return void response.end(JSON.stringify(endpointsOf(request.headers.host ?? '')))
    }
    if (request.url !== `${place}/jwks.json`) return void response.writeHead(404).end()
    asked += 1
    response.setHeader('content-type', 'application/json').end(JSON.stringify({ keys }))
  })
  server.listen(0, '127.0.0.1')
  await once(server, 'listening')
  const address = server.address()
  if (address === null || typeof address === 'string') throw new Error('not listening on a port')
  const issuer = `http://127.0.0.1:${address.port}/eu-central-1_example`
  return {
    issuer,
    clientId,
    asked: () => asked,
    idToken: (claims = {}) =>
      signed(claims, claims.forged ? foreign.privateKey : own.privateKey, issuer),
    async close() {
      server.closeAllConnections()
      server.close()
      await once(server, 'close')
    },
  }
}

function signed(claims: TokenClaims, key: CryptoKey, issuer: string): Promise<string> {
  const { household = 'maple-street', memberId = 'mira', use = 'id', expiresIn = 3_600 } = claims
  const nowSeconds = Math.floor(Date.now() / 1_000)
  return new SignJWT({ token_use: use, ...(household && { 'custom:household': household }) })
    .setProtectedHeader({ alg, kid })
    .setSubject(memberId)
    .setIssuer(claims.issuer ?? issuer)
    .setAudience(claims.audience ?? clientId)
    .setIssuedAt(nowSeconds + Math.min(0, expiresIn - 3_600))
    .setExpirationTime(nowSeconds + expiresIn)
    .sign(key)
}
