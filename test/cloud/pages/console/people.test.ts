/** The people on file: the list, one person, adding, editing, merging and deleting. */
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { peoplePerPage } from '../../../../cloud/visitors/core/people-search.ts'
import type { Visitor } from '../../../../cloud/visitors/core/visitor.ts'
import { newVisitor } from '../../../contracts/tables/examples.ts'
import { household, newId } from '../../../support/cloud/cloud-home.ts'
import { type ConsoleHome, consoleHome } from '../../../support/cloud/console-home.ts'
import { isProof } from '../../../support/effort.ts'

const many = isProof ? 1_000 : 100
const cleaners = { listId: 'c'.repeat(32), name: 'Cleaners <b>', hours: [] }
const hostile = `<img src=x onerror="alert(1)">'&quot;`

let home: ConsoleHome
beforeAll(async () => {
  home = await consoleHome()
  await home.cloud.deps.households.change(household, (now) => now && { ...now, lists: [cleaners] })
})
afterAll(() => home.close())

async function onFile(changes: Partial<Visitor> = {}): Promise<string> {
  const visitor = newVisitor(household, { remembersFace: false, ...changes })
  await home.cloud.deps.visitors.put(visitor)
  return visitor.visitorId
}
const found = (id: string) => home.cloud.deps.visitors.find(household, id)
const idIn = (location: string | null) => /[0-9a-f]{32}$/.exec(location ?? '')?.[0] ?? ''
const hidden = (text: string, name: string) =>
  new RegExp(`name="${name}" value="([^"]*)"`).exec(text)?.[1] ?? ''

const typed = {
  ...{ name: 'Robin Vale', phone: '+49 170 1234567', email: '', prefers: 'sms', language: 'de' },
  ...{ validity: 'week', tags: 'family,  dog  sitter,family', notes: 'Rings\r\ntwice' },
}

describe('the list', () => {
  test('shows names and tags as text, and finds by both', async () => {
    await onFile({ name: hostile, tags: ['Zoë’s <i>'], trusted: true })
    for (const search of [hostile, 'zoe’s']) {
      const { text } = await home.open(`/people?${new URLSearchParams({ search })}`)
      expect(text).toContain('&lt;img src=x onerror=')
      expect(text).not.toMatch(/<img src=x|<i>/)
    }
    expect((await home.open('/people?search=nothing+fits')).text).not.toContain('onerror')
  })

  test('bears any query', async () => {
    for (const query of [
      'page=-1',
      'page=99999999',
      'sort=__proto__',
      'list=x',
      'tag=',
      'state[]=1',
    ]) {
      expect((await home.open(`/people?${query}`)).status).toBe(200)
    }
    const { status, text } = await home.open(`/people?search=${'x'.repeat(5_000)}`)
    expect([status, text.length < 100_000]).toEqual([200, true])
  })

  test('reads as often with many people as with few, and shows one page', async () => {
    const reads = async () => {
      home.cloud.dynamodb.resetCounts()
      const { text } = await home.open('/people?sort=seen')
      return [home.cloud.dynamodb.counts().reads, text.match(/<li><a href="\/people\//g)?.length]
    }
    const add = (count: number) =>
      Promise.all(Array.from({ length: count }, (_, nth) => onFile({ name: `Guest ${nth}` })))
    const [few] = await reads()
    for (let nth = 0; nth < many / 100; nth += 1) await add(100)
    expect(await reads()).toEqual([few, peoplePerPage])
    const next = (await home.open('/people')).text.match(/href="(\/people\?page=2)"/)?.[1] ?? ''
    expect((await home.open(next)).text).toContain('Previous page')
  })
})

describe('a person', () => {
  test('is added once, however often the form is sent', async () => {
    const page = await home.open('/people/new')
    const person = hidden(page.text, 'person')
    const form = { ...typed, person, [`list-${cleaners.listId}`]: 'yes', remembersFace: 'yes' }
    const { location } = await home.send('/people/new', form)
    const again = await home.send('/people/new', { ...form, name: 'Another' })
    expect([location, again.location]).toEqual([`/people/${person}`, `/people/${person}`])
    expect(await found(person)).toMatchObject({
      ...{ name: 'Robin Vale', language: 'de', remembersFace: true, lists: [cleaners.listId] },
      ...{ tags: ['family', 'dog sitter'], notes: 'Rings\ntwice' },
      contact: { phone: '+491701234567' },
      consent: { by: 'owner@example.org' },
    })
    const { text } = await home.open(location ?? '')
    expect(text).toContain('In the hours of Cleaners &lt;b&gt;')
  })

  test('keeps what was typed when a field is wrong', async () => {
    const form = { ...typed, person: newId(), phone: '123', tags: '<b>', notes: 'x'.repeat(1_001) }
    const { status, text } = await home.send('/people/new', form)
    expect(status).toBe(422)
    for (const name of ['phone', 'tags', 'notes']) expect(text).toContain(`id="${name}-problem"`)
    expect(text).toContain('value="&lt;b&gt;"')
    expect(text).toContain('value="Robin Vale"')
    expect(await found(form.person)).toBeNull()
  })

  test('is not put into a list that the household does not have', async () => {
    const form = { ...typed, person: newId(), [`list-${newId()}`]: 'yes' }
    expect((await home.send('/people/new', form)).status).toBe(422)
  })

  test('is edited by one of two owners at once; the other may look and send again', async () => {
    const id = await onFile({ welcomeUntilMs: 5 })
    const { text } = await home.open(`/people/${id}/edit`)
    const form = { ...typed, validity: '', person: hidden(text, 'person') }
    await home.send(`/people/${id}/edit`, { ...form, name: 'First' })
    const late = await home.send(`/people/${id}/edit`, { ...form, name: 'Second' })
    expect([late.status, late.text.includes('value="Second"')]).toEqual([409, true])
    expect(await found(id)).toMatchObject({ name: 'First', welcomeUntilMs: 5 })
    const person = hidden(late.text, 'person')
    await home.send(`/people/${id}/edit`, { ...form, name: 'Second', person })
    expect((await found(id))?.name).toBe('Second')
  })

  test('is blocked and unblocked', async () => {
    const id = await onFile({ name: 'Kim Lake' })
    await home.send(`/people/${id}/block`, { blocked: 'yes' })
    expect((await home.open(`/people/${id}`)).text).toContain('Kim Lake is blocked')
    await home.send(`/people/${id}/block`, { blocked: 'no' })
    expect((await found(id))?.blocked).toBe(false)
    expect((await home.send(`/people/${id}/block`, { blocked: 'x' })).status).toBe(400)
  })

  test('is deleted', async () => {
    const id = await onFile()
    expect((await home.open(`/people/${id}`, 'viewer')).text).not.toContain('/delete')
    expect((await home.send(`/people/${id}/delete`, {}, 'member')).status).toBe(403)
    await home.send(`/people/${id}/delete`, {})
    expect([await found(id), (await home.open(`/people/${id}`)).status]).toEqual([null, 404])
  })

  test('is merged with another, also by a form that is sent twice', async () => {
    const [kept, gone] = [await onFile({ name: 'Kim Lake' }), await onFile({ name: 'Kimmy' })]
    expect((await home.open(`/people/${kept}/merge?search=kimmy`)).text).toContain(`with=${gone}`)
    const question = await home.open(`/people/${kept}/merge?with=${gone}`)
    expect(question.text).toContain('Kimmy disappears from the list')
    for (const _ of [1, 2]) {
      const { location } = await home.send(`/people/${kept}/merge`, { other: gone })
      expect(idIn(location)).toBe(kept)
    }
    expect((await home.open(`/people/${gone}`)).location).toBe(`/people/${kept}`)
    expect((await home.open(`/people/${kept}/merge?with=${kept}`)).status).toBe(404)
  })

  test('is merged with no one of another household', async () => {
    const kept = await onFile()
    const theirs = newVisitor('oak-lane', { name: 'Their Guest' })
    await home.cloud.deps.visitors.put(theirs)
    expect((await home.open(`/people/${kept}/merge?with=${theirs.visitorId}`)).status).toBe(404)
    const form = { other: theirs.visitorId }
    expect((await home.send(`/people/${kept}/merge`, form)).status).toBe(404)
    expect(await home.cloud.deps.visitors.find('oak-lane', theirs.visitorId)).not.toBeNull()
  })
})

test('people of another household are not listed', async () => {
  expect((await home.open('/people', 'stranger')).text).not.toContain('Kim Lake')
})
