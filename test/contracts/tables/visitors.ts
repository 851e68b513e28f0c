/** What every file of visitors must do, whatever it is made of. */
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import type { Visitors } from '../../../cloud/ports.ts'
import { newHousehold, newId, newVisitor, nowMs, times } from './examples.ts'

export interface VisitorsBench {
  readonly visitors: Visitors
  end(): Promise<void>
}

export function visitorsContract(name: string, make: () => Promise<VisitorsBench>): void {
  describe(`visitors in ${name}`, () => {
    let bench: VisitorsBench
    let visitors: Visitors
    beforeAll(async () => {
      bench = await make()
      visitors = bench.visitors
    })
    afterAll(() => bench.end())

    async function onFile(changes: Parameters<typeof newVisitor>[1] = {}) {
      const visitor = newVisitor(newHousehold(), changes)
      expect(await visitors.put(visitor)).toBe(true)
      return { ...visitor, revision: 1 }
    }

    test('gives back what was put in', async () => {
      expect(await visitors.find(newHousehold(), newId())).toBeNull()
      const plain = await onFile()
      expect(await visitors.find(plain.household, plain.visitorId)).toEqual(plain)
      const full = await onFile({
        contact: { prefers: 'email', phone: '+15550100', email: 'amara@example.test' },
        faceIds: ['a', 'b'],
        photo: { key: 'visitors/photo.jpg', sha256: 'f'.repeat(64) },
        welcomeUntilMs: nowMs + 1,
        trusted: true,
        tags: ['family', 'Zoë'],
        notes: 'Rings twice.\nHas a dog.',
        lists: ['a'.repeat(32)],
        blocked: true,
      })
      expect(await visitors.find(full.household, full.visitorId)).toEqual(full)
    })

    test('is changed by one of many who read the same', async () => {
      const read = await onFile()
      const changes = times(20, (nth) => visitors.put({ ...read, name: `Name ${nth}` }))
      const answers = await Promise.all(changes)
      expect(answers.filter((changed) => changed)).toHaveLength(1)
      const winner = `Name ${answers.indexOf(true)}`
      const now = await visitors.find(read.household, read.visitorId)
      expect(now).toEqual({ ...read, revision: 2, name: winner })
      expect(await visitors.put({ ...read, name: 'Late' })).toBe(false)
      expect(await visitors.put({ ...read, revision: 2, name: 'In time' })).toBe(true)
    })

    test('puts a new visitor on file once', async () => {
      const visitor = newVisitor()
      const answers = await Promise.all(times(10, () => visitors.put(visitor)))
      expect(answers.filter((changed) => changed)).toHaveLength(1)
    })

    test('stores face ids of a visitor on file, which counts as a change', async () => {
      const read = await onFile()
      const { household, visitorId } = read
      expect(await visitors.setFaceIds(household, visitorId, ['a'])).toBe(true)
      expect(await visitors.put({ ...read, name: 'Would lose the face' })).toBe(false)
      expect(await visitors.find(household, visitorId)).toEqual({
        ...read,
        revision: 2,
        faceIds: ['a'],
      })
      expect(await visitors.setFaceIds(household, newId(), ['a'])).toBe(false)
      expect(await visitors.list(household)).toHaveLength(1)
    })

    test('leaves nothing of those who are removed but that they were', async () => {
      const read = await onFile()
      const { household, visitorId } = read
      await visitors.remove(household, visitorId, nowMs)
      await visitors.remove(household, visitorId, nowMs + 5)
      expect(await visitors.find(household, visitorId)).toBeNull()
      expect(await visitors.list(household)).toEqual([])
      expect(await visitors.put({ ...read, name: 'Back' })).toBe(false)
      expect(await visitors.put({ ...read, revision: 0 })).toBe(false)
      expect(await visitors.setFaceIds(household, visitorId, ['a'])).toBe(false)
      expect(await visitors.removedSince(household, nowMs)).toEqual([visitorId])
      expect(await visitors.removedSince(household, nowMs + 1)).toEqual([])
    })

    test('says nothing of one who was never there', async () => {
      const household = newHousehold()
      await visitors.remove(household, newId(), nowMs)
      expect(await visitors.removedSince(household, 0)).toEqual([])
    })

    test('lists what a page shows of each', async () => {
      const read = await onFile({ lists: ['family'], welcomeUntilMs: nowMs, notes: 'Not listed.' })
      const { visitorId, name, tags, trusted, lists, welcomeUntilMs, createdAtMs, photo } = read
      const shown = { visitorId, name, tags, trusted, lists, welcomeUntilMs, createdAtMs, photo }
      expect(await visitors.people(read.household)).toEqual([shown])
      expect(await visitors.people(newHousehold())).toEqual([])
    })

    test('makes one of two who were merged, and finds that one for both', async () => {
      const kept = await onFile()
      const put = async (name: string) => {
        const other = newVisitor(kept.household, { name })
        await visitors.put(other)
        return { ...other, revision: 1 }
      }
      const [gone, third] = [await put('Amara O.'), await put('A. Okafor')]
      expect(await visitors.merge({ ...kept, revision: 7 }, gone)).toBe(false)
      expect(await visitors.merge(kept, { ...gone, revision: 7 })).toBe(false)
      expect(await visitors.find(kept.household, gone.visitorId)).toEqual(gone)
      expect(await visitors.merge({ ...kept, name: 'Amara' }, gone)).toBe(true)
      const now = { ...kept, name: 'Amara', revision: 2 }
      expect(await visitors.find(kept.household, gone.visitorId)).toEqual(now)
      expect(await visitors.put({ ...gone, name: 'Back' })).toBe(false)
      expect(await visitors.setFaceIds(kept.household, gone.visitorId, ['a'])).toBe(false)
      expect(await visitors.merge(third, now)).toBe(true)
      expect((await visitors.find(kept.household, gone.visitorId))?.name).toBe('A. Okafor')
      expect(await visitors.list(kept.household)).toEqual([{ ...third, revision: 2 }])
      expect(await visitors.people(kept.household)).toHaveLength(1)
      await visitors.remove(kept.household, gone.visitorId, nowMs)
      expect(await visitors.find(kept.household, gone.visitorId)).toBeNull()
    })

    test('lists those of the household only, and separates the same id of two', async () => {
      const here = await onFile()
      const there = newVisitor(newHousehold(), { visitorId: here.visitorId, name: 'Another Name' })
      await visitors.put(there)
      expect(await visitors.list(here.household)).toEqual([here])
      await visitors.remove(there.household, there.visitorId, nowMs)
      expect(await visitors.find(here.household, here.visitorId)).toEqual(here)
      expect(await visitors.removedSince(here.household, 0)).toEqual([])
    })
  })
}
