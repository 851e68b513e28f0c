/** What every store of standing credentials must do. */
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import type { StandingCredential } from '../../../cloud/credentials/core/credential.ts'
import type { Credentials, Passcodes } from '../../../cloud/ports.ts'
import {
  hourMs,
  newCredential,
  newDoor,
  newGrant,
  newId,
  nowMs,
  tagOf,
  tally,
  times,
} from './examples.ts'

export interface CredentialsBench {
  readonly credentials: Credentials
  readonly passcodes: Passcodes
  end(): Promise<void>
}

export function credentialsContract(name: string, make: () => Promise<CredentialsBench>): void {
  describe(`credentials in ${name}`, () => {
    let bench: CredentialsBench
    let credentials: Credentials
    beforeAll(async () => {
      bench = await make()
      credentials = bench.credentials
    })
    afterAll(() => bench.end())

    async function given(changes: Partial<StandingCredential> = {}, door = newDoor()) {
      const credential = newCredential(door, changes)
      expect(await credentials.add(credential)).toBe('added')
      return credential
    }
    const now = { atMs: nowMs + 5, offeredByMs: nowMs + 5 }
    const issue = (door = newDoor(), tag = tagOf(1), atMs = nowMs) => {
      const grant = newGrant(door, { notBeforeMs: atMs, expiresAtMs: atMs + 300_000 })
      return bench.passcodes.issue(grant, tag, newId()).then(({ outcome }) => outcome)
    }

    describe('a code', () => {
      test('belongs to the credential of a door that asks first', async () => {
        const door = newDoor()
        const answers = times(20, async () => ({
          outcome: await credentials.add(newCredential(door)),
        }))
        expect(await tally(answers)).toEqual({ added: 1, 'code-in-use': 19 })
        expect(await credentials.ofDoor(door)).toHaveLength(1)
        expect(await credentials.add(newCredential(newDoor()))).toBe('added')
      })

      test('is never that of a live one-time code, in either order', async () => {
        const { household, doorId } = await given()
        expect(await issue({ household, doorId })).toBe('code-in-use')
        const other = newDoor()
        expect(await issue(other)).toBe('issued')
        expect(await credentials.add(newCredential(other))).toBe('code-in-use')
        const later = newCredential(other, { createdAtMs: nowMs + 300_000 })
        expect(await credentials.add(later)).toBe('added')
      })

      test('stays taken after it was withdrawn, until the door is rid of it', async () => {
        const credential = await given()
        await credentials.withdraw(credential, { atMs: nowMs + 1, why: 'test' })
        const again = () => newCredential(credential, { grantId: newId(), createdAtMs: nowMs + 9 })
        expect(await credentials.add(again())).toBe('code-in-use')
        await credentials.markGone(credential, nowMs + 9)
        await credentials.markGone(credential, nowMs + 10)
        expect(await credentials.find(credential)).toMatchObject({ goneAtMs: nowMs + 9 })
        expect(await credentials.add(again())).toBe('added')
        // A late report about the first one does not free the code of the second.
        await credentials.markGone(credential, nowMs + 11)
        expect(await credentials.add(again())).toBe('code-in-use')
      })

      test('is free when its time is over', async () => {
        const validity = { ...newCredential().validity, expiresAtMs: nowMs + hourMs }
        const first = await given({ validity })
        const at = (createdAtMs: number) => newCredential(first, { grantId: newId(), createdAtMs })
        expect(await credentials.add(at(nowMs + hourMs - 1))).toBe('code-in-use')
        expect(await credentials.add(at(nowMs + hourMs))).toBe('added')
        const longer = { validity: { ...validity, expiresAtMs: nowMs + 9 * hourMs }, second: null }
        expect(await credentials.changeTerms(first, longer, nowMs)).toBe('code-in-use')
      })

      test('does not hide or change one-time codes', async () => {
        const credential = await given({ isDerived: true })
        const ref = { ...credential, tag: credential.tag }
        expect(await bench.passcodes.find(ref)).toBeNull()
        expect(await bench.passcodes.claimSending(ref, nowMs, nowMs + 1)).toBeNull()
        expect(await bench.passcodes.close(ref, 'used', nowMs)).toBe(false)
        expect(await bench.passcodes.live(credential, nowMs)).toEqual([])
        expect(await credentials.find(credential)).toEqual(credential)
      })
    })

    test('is stored once, as it was given', async () => {
      const credential = await given({ second: 'face', purpose: 'guest', isDerived: true })
      expect(await credentials.find(credential)).toEqual(credential)
      expect(await credentials.add(credential)).toBe('exists')
      expect(await credentials.add({ ...credential, tag: tagOf(2) })).toBe('exists')
      expect(await credentials.find({ ...credential, grantId: newId() })).toBeNull()
      await expect(
        credentials.find({ ...credential, household: 'oak-lane' }),
      ).rejects.toMatchObject({
        code: 'other-household',
      })
    })

    describe('new terms', () => {
      test('are for one of many at once, and must be stored by the door again', async () => {
        const credential = await given()
        await credentials.markStored(credential, now)
        const stored = await credentials.find(credential)
        if (!stored) throw new Error('There is none.')
        const at = (nth: number) => ({
          validity: {
            ...stored.validity,
            visits: nth + 1,
            expiresAtMs: nth % 2 ? nowMs + hourMs : null,
          },
          second: null,
        })
        const answers = times(10, async (nth) => ({
          outcome: await credentials.changeTerms(stored, at(nth), nowMs + 50),
        }))
        expect(await tally(answers)).toEqual({ stored: 1, changed: 9 })
        expect(await credentials.find(stored)).toMatchObject({
          ...{ revision: 2, storedAtMs: null, offeredAtMs: nowMs + 50 },
        })
      })

      test('are not confirmed by the answer to earlier ones', async () => {
        const credential = await given()
        await credentials.changeTerms(credential, { ...credential, second: 'face' }, nowMs + 50)
        expect(await credentials.markStored(credential, now)).toBeNull()
        expect(await credentials.markRefused(credential, 'expired', now)).toBeNull()
        const later = { atMs: nowMs + 60, offeredByMs: nowMs + 60 }
        expect(await credentials.markStored(credential, later)).toMatchObject({
          ...{ storedAtMs: nowMs + 60, second: 'face' },
        })
      })

      test('are for no credential that was withdrawn', async () => {
        const credential = await given()
        await credentials.withdraw(credential, { atMs: nowMs, why: 'test' })
        expect(await credentials.changeTerms(credential, credential, nowMs)).toBe('changed')
      })
    })

    describe('the answer of the door', () => {
      test('replaces a refusal, and is not replaced by one', async () => {
        const credential = await given()
        const refused = await credentials.markRefused(credential, 'too-easy-to-guess', now)
        expect(refused).toMatchObject({ refused: { reason: 'too-easy-to-guess' } })
        expect(await credentials.markStored(credential, now)).toMatchObject({ refused: null })
        expect(await credentials.markRefused(credential, 'expired', now)).toBeNull()
        await credentials.markOffered(credential, nowMs + 70)
        expect(await credentials.find(credential)).toMatchObject({ offeredAtMs: nowMs + 70 })
      })
    })

    describe('withdrawing', () => {
      test('keeps its first reason, and the name unless the person is deleted', async () => {
        const credential = await given()
        await credentials.withdraw(credential, { atMs: nowMs + 1, why: 'first' })
        const again = await credentials.withdraw(credential, { atMs: nowMs + 2, why: 'second' })
        expect(again).toMatchObject({
          withdrawn: { atMs: nowMs + 1, why: 'first' },
          name: 'Amara Okafor',
        })
        const at = { atMs: nowMs + 3, why: 'third', forgets: true }
        expect(await credentials.withdraw(credential, at)).toMatchObject({ name: '' })
        await credentials.rename(credential, { name: 'Kim', language: 'de' })
        expect(await credentials.find(credential)).toMatchObject({ name: '' })
        const none = { ...credential, grantId: newId() }
        expect(await credentials.withdraw(none, { atMs: nowMs, why: 'none' })).toBeNull()
        expect(await credentials.find(none)).toBeNull()
      })
    })

    describe('uses', () => {
      test('count each visit once, however often it is reported', async () => {
        const credential = await given()
        const uses = times(12, (nth) => ({ visit: `visit-${nth % 3}`, atMs: nowMs + nth }))
        await Promise.all(uses.map((use) => credentials.addUse(credential, use)))
        const found = await credentials.find(credential)
        expect(found?.uses).toMatchObject({ visits: 3, lastAtMs: nowMs + 11 })
        await credentials.addUse({ ...credential, grantId: newId() }, { visit: 'x', atMs: nowMs })
        expect(await credentials.ofDoor(credential)).toHaveLength(1)
      })
    })

    test('those that take a face are found by their holder', async () => {
      const door = newDoor()
      const visitorId = newId()
      const taking = await given({ visitorId, second: 'face' }, door)
      const plain = await given({ visitorId, tag: tagOf(2) }, door)
      expect(await credentials.takingFace(door, visitorId)).toEqual([taking])
      await credentials.changeTerms(plain, { ...plain, second: 'face' }, nowMs)
      await credentials.changeTerms(taking, { ...taking, second: null }, nowMs)
      const found = await credentials.takingFace(door, visitorId)
      expect(found.map(({ grantId }) => grantId)).toEqual([plain.grantId])
      expect(await credentials.takingFace(door, newId())).toEqual([])
    })

    test('duress is known of its visit only', async () => {
      const visit = { ...newDoor(), visitId: newId() }
      await credentials.addDuress(visit, nowMs)
      await credentials.addDuress(visit, nowMs + 1)
      expect(await credentials.isDuress(visit)).toBe(true)
      expect(await credentials.isDuress({ ...visit, visitId: newId() })).toBe(false)
    })
  })
}
