/** Tokens as Cognito makes them, checked with keys fetched as from Cognito. */
import { generateSecret, SignJWT } from 'jose'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { signInsCognito } from '../../../cloud/aws/cognito/sign-ins.ts'
import { type SignInDesk, signInDesk } from '../../support/cloud/sign-in-desk.ts'

let desk: SignInDesk
let movedMs = 0
const clock = { nowMs: () => Date.now() + movedMs }
const signIns = ({ issuer, clientId }: SignInDesk = desk) =>
  signInsCognito({ issuer, clientId, webOrigin: 'http://localhost:4200', clock })

beforeAll(async () => {
  desk = await signInDesk()
})
afterAll(() => desk.close())

test('a good token says who it is for, and the keys are fetched once', async () => {
  const { verify } = signIns()
  const before = desk.asked()
  const token = await desk.idToken({ household: 'oak-lane', memberId: 'olga' })
  for (let time = 0; time < 3; time += 1) {
    expect(await verify(token)).toMatchObject({ household: 'oak-lane', memberId: 'olga' })
  }
  expect(desk.asked()).toBe(before + 1)
})

test.each([
  ['signed with another key', { forged: true }],
  ['for another app', { audience: 'another-app' }],
  ['by another pool', { issuer: 'https://cognito.example/pool' }],
  ['that only gives access', { use: 'access' }],
  ['without a household', { household: null }],
  ['without a subject', { memberId: '' }],
])('a token %s is refused', async (_, claims) => {
  expect(await signIns().verify(await desk.idToken(claims))).toBeNull()
})

test('one ends by our clock', async () => {
  const { verify } = signIns()
  const token = await desk.idToken({ expiresIn: 60 })
  expect(await verify(token)).not.toBeNull()
  movedMs = 60_000
  expect(await verify(token)).toBeNull()
  movedMs = 0
})

test('a token with another algorithm is refused', async () => {
  const { verify } = signIns()
  const [header, body] = (await desk.idToken()).split('.')
  const encoded = (value: object) => Buffer.from(JSON.stringify(value)).toString('base64url')
  expect(await verify(`${encoded({ alg: 'none' })}.${body}.`)).toBeNull()
  expect(await verify(`${header}.${body}.AAAA`)).toBeNull()
  const shared = new SignJWT({ token_use: 'id', 'custom:household': 'maple-street' })
    .setProtectedHeader({ alg: 'HS256', kid: 'key-1' })
    .setIssuer(desk.issuer)
    .setAudience(desk.clientId)
    .setSubject('mira')
    .setIssuedAt()
    .setExpirationTime('1h')
  expect(await verify(await shared.sign(await generateSecret('HS256')))).toBeNull()
})

test('keys that cannot be fetched are a fault', async () => {
  const gone = await signInDesk()
  const token = await gone.idToken()
  await gone.close()
  await expect(signIns(gone).verify(token)).rejects.toThrow()
  const elsewhere = { ...desk, issuer: `${desk.issuer}/nowhere` }
  await expect(signIns(elsewhere).verify(token)).rejects.toThrow()
})
