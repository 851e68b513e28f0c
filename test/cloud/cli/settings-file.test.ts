import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, expect, test } from 'vitest'
import { changeDoors } from '../../../cloud/cli/settings-file.ts'

const folder = mkdtempSync(join(tmpdir(), 'settings-'))
afterAll(() => rmSync(folder, { recursive: true }))
const path = join(folder, 'cdk.json')

const context = { mailFrom: 'door@maple.example.com' }
const add = () => changeDoors(path, (doors) => [...doors, 'elm-road_front'])

test.each([{ context }, { context: {} }, { context: { ...context, doors: [] }, doors: [['a']] }])(
  'a file without a door gets its list: %j',
  (file) => {
    writeFileSync(path, JSON.stringify(file))
    expect(add()).toBe(true)
    const changed = { ...file, context: { ...file.context, doors: ['elm-road_front'] } }
    expect(JSON.parse(readFileSync(path, 'utf8'))).toEqual(changed)
  },
)

test.each([
  ['{\n  "context": }', 'FILE is not valid JSON, near line 2.'],
  ['{"doors": []}', 'FILE has no "context": { … }, in which the settings stand.'],
  ['{"context": {"doors": "a_b"}}', '"doors" in FILE is not a list of doors'],
])('the broken file %j is refused with what is wrong', (text, sentence) => {
  writeFileSync(path, text)
  expect(add).toThrow(sentence.replace('FILE', path))
})
