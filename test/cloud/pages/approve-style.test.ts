/** The approval page looks like the others: it is text in a bundle, so it cannot import their style. */
import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { expect, test } from 'vitest'
import { approveStyle } from '../../../cloud/pages/approve/style.ts'

const family = readFileSync(join(import.meta.dirname, '../../../keypad-ui/family.css'), 'utf8')

/** The custom properties of the first `:root`. */
const propertiesOf = (css: string): ReadonlyMap<string, string> => {
  const root = /:root \{(.*?)\}/s.exec(css)?.[1] ?? ''
  const pairs = root.matchAll(/(--[\w-]+):\s*([^;]+);/g)
  return new Map([...pairs].map(([, name = '', value = '']) => [name, value.trim()]))
}

test('every colour, the font and the corners are the family’s', () => {
  const [ours, theirs] = [propertiesOf(approveStyle), propertiesOf(family)]
  const shared = [...ours.keys()].filter((name) => theirs.has(name) && name !== '--large')
  expect(shared).toEqual(
    expect.arrayContaining(['--ground', '--surface', '--ink', '--quiet-ink', '--accent', '--font']),
  )
  for (const name of shared) expect([name, ours.get(name)]).toEqual([name, theirs.get(name)])
})
