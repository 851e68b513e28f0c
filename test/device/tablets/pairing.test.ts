/** The code with which a tablet is paired: good once, for some minutes and some attempts. */
import { mkdtempSync, readdirSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, describe, expect, test } from 'vitest'
import { PairedTablets } from '../../../device/tablets/paired-tablets.ts'
import { codeValidMs, grouped, offerPairing, Pairing } from '../../../device/tablets/pairing.ts'

let folder = ''
let pairing: Pairing
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'pairing-'))
  pairing = new Pairing(folder)
})
afterEach(() => rmSync(folder, { recursive: true }))

const offer = (nowMs = 0) => offerPairing(folder, 'Hall', { nowMs, owner: null })
const peer = '192.168.1.30'

describe('a pairing code', () => {
  test('is good once', () => {
    const code = offer()
    expect(pairing.accept(code, peer, 1)).toBe('Hall')
    expect(pairing.accept(code, peer, 2)).toBeNull()
    expect(readdirSync(folder)).toEqual([])
  })

  test('may be typed as it is shown, in small letters', () => {
    expect(pairing.accept(` ${grouped(offer()).toLowerCase()}`, peer, 1)).toBe('Hall')
  })

  test('ends after ten minutes, with the next one, and with a restart of the daemon', () => {
    expect(pairing.accept(offer(), peer, codeValidMs)).toBeNull()
    const [first, second] = [offer(), offer()]
    expect(pairing.accept(first, peer, 1)).toBeNull()
    expect(pairing.accept(second, peer, 1)).toBe('Hall')
    const third = offer()
    expect(new Pairing(folder).accept(third, peer, 1)).toBeNull()
  })

  test('is closed to a peer after five wrong ones, and to all after thirty', () => {
    const code = offer()
    for (let wrong = 0; wrong < 5; wrong += 1) pairing.accept('WRONGONE', peer, 1)
    expect(pairing.accept(code, peer, 1)).toBeNull()
    expect(pairing.accept(code, '192.168.1.31', 1)).toBe('Hall')
    const next = offer()
    for (let wrong = 0; wrong < 30; wrong += 1) pairing.accept('WRONGONE', `10.0.0.${wrong}`, 1)
    expect(pairing.accept(next, '192.168.1.31', 1)).toBeNull()
    // The owner may always offer another.
    expect(pairing.accept(offer(), peer, 1)).toBe('Hall')
  })

  test('is stored as a hash, for its owner only, and differs each time', () => {
    const code = offer()
    const path = join(folder, 'pairing.json')
    expect(readFileSync(path, 'utf8')).not.toContain(code)
    expect(statSync(path).mode & 0o777).toBe(0o600)
    expect(new Set(Array.from({ length: 50 }, () => offer())).size).toBe(50)
    expect(code).toMatch(/^[A-HJ-NP-Z2-9]{8}$/)
  })

  test.each(['', '{', '{"name":"Hall"}', 'null'])('is none where the file holds %o', (content) => {
    const code = offer()
    writeFileSync(join(folder, 'pairing.json'), content)
    expect(pairing.accept(code, peer, 1)).toBeNull()
  })
})

describe('a paired tablet', () => {
  test('is known by its secret, which is stored as a hash only', () => {
    const tablets = new PairedTablets(folder)
    const { id, secret } = tablets.add('Hall', 7)
    expect(tablets.bySecret(secret)).toMatchObject({ id, name: 'Hall', pairedAtMs: 7 })
    expect(tablets.bySecret(`${secret.slice(0, -1)}!`)).toBeNull()
    const [file = ''] = readdirSync(join(folder, 'paired'))
    const stored = file + readFileSync(join(folder, 'paired', file), 'utf8')
    expect(stored).not.toContain(secret)
    expect(statSync(join(folder, 'paired', file)).mode & 0o777).toBe(0o600)
  })

  test('is forgotten once it is removed, also by another process', async () => {
    const [daemon, command] = [new PairedTablets(folder), new PairedTablets(folder)]
    const { secret } = daemon.add('Hall', 7)
    let changes = 0
    const end = daemon.onChange(() => {
      changes += 1
    })
    for (const tablet of command.all()) command.remove(tablet)
    expect(daemon.bySecret(secret)).toBeNull()
    await expect.poll(() => changes).toBeGreaterThan(0)
    end()
  })

  test('is remembered as seen, to the hour', () => {
    const tablets = new PairedTablets(folder)
    const { secret } = tablets.add('Hall', 7)
    const seenAtMs = () => tablets.bySecret(secret)?.seenAtMs ?? 0
    const see = (atMs: number) => {
      const tablet = tablets.bySecret(secret)
      if (tablet) tablets.seen(tablet, atMs)
    }
    const laterMs = 2_000_000_000_000
    see(laterMs)
    expect(seenAtMs()).toBe(laterMs)
    see(laterMs + 3_599_000)
    expect(seenAtMs()).toBe(laterMs)
    see(laterMs + 3_600_000)
    expect(seenAtMs()).toBe(laterMs + 3_600_000)
  })
})
