/** The break-glass sheet of the console: asked for twice, shown once the door has it, and only to owners. */
import { afterAll, beforeAll, expect, test } from 'vitest'
import { consoleWords } from '../../../../cloud/translations/console/words.ts'
import { breakGlassSheet, inFours } from '../../../../protocol/break-glass.ts'
import { doorId } from '../../../support/cloud/cloud-home.ts'
import { type ConsoleHome, consoleHome } from '../../../support/cloud/console-home.ts'

const words = consoleWords.en.sheet
const path = `/doors/${doorId}/sheet`
let home: ConsoleHome
beforeAll(async () => {
  home = await consoleHome()
})
afterAll(() => home.close())

const nonceIn = (text: string): string => /name="nonce" value="(\w+)"/.exec(text)?.[1] ?? ''

async function asked() {
  const nonce = nonceIn((await home.open(path)).text)
  const { location } = await home.send(path, { nonce })
  return { nonce, at: location ?? '' }
}
const stored = (nonce: string, codesEnded = 0) =>
  home.cloud.says({
    ...{ type: 'sheet-stored', origin: 'cloud', by: 'member olivia' },
    ...{ commandId: nonce, sheetId: nonce, codesEnded },
  })

test('shows the codes once the door reports that it stored them', async () => {
  expect((await home.open(`/doors/${doorId}`)).text).toContain(`href="${path}"`)
  const { nonce, at } = await asked()
  expect(home.cloud.told.at(-1)?.body).toMatchObject({
    ...{ type: 'new-sheet', nonce, sheetId: nonce, by: 'member olivia' },
  })
  const codes = breakGlassSheet(home.cloud.doorKey, nonce).map(inFours)
  const before = (await home.open(at)).text
  expect(before).toContain(consoleWords.en.unlock.asking)
  for (const code of codes) expect(before).not.toContain(code)
  await stored(nonce)
  const { text } = await home.open(at)
  for (const code of codes) expect(text).toContain(code)
  expect((await home.open(`/doors/${doorId}`)).text).toContain('<dd>10</dd>')
  home.cloud.clock.advance(11 * 60_000)
  const later = (await home.open(at)).text
  expect(later).toContain(words.over)
  for (const code of codes) expect(later).not.toContain(code)
})

test('says how many codes of the present sheet would end', async () => {
  const { nonce } = await asked()
  await stored(nonce)
  await home.cloud.says({
    ...{ type: 'entry-accepted', origin: 'keypad', grantId: `${nonce.slice(0, 30)}01` },
    ...{ visitorId: '0'.repeat(32), visitId: null, holdMs: 5_000 },
    ...{ credential: 'break-glass', codesLeft: 9 },
  })
  expect((await home.open(path)).text).toContain('9 unused codes')
  await home.cloud.says({ type: 'sheet-ended', reason: 'restored', codesEnded: 9 })
  expect((await home.open(path)).text).not.toContain('unused codes')
})

test('says why the door refused, and that the sheet before still works without an answer', async () => {
  const { nonce, at } = await asked()
  const request = { request: 'new-sheet', reason: 'clock-unknown', commandId: nonce } as const
  await home.cloud.says({
    type: 'request-refused',
    origin: 'cloud',
    by: 'member olivia',
    ...request,
  })
  expect((await home.open(at)).text).toContain(consoleWords.en.unlock.reasons['clock-unknown'])
  const other = await asked()
  home.cloud.clock.advance(20_000)
  expect((await home.open(other.at)).text).toContain(words.noAnswerDetail)
})

test.each(['member', 'viewer'] as const)('is not for a %s', async (role) => {
  expect((await home.open(path, role)).status).toBe(403)
  const { nonce, at } = await asked()
  await stored(nonce)
  expect((await home.open(at, role)).status).toBe(403)
  expect((await home.open(`/doors/${doorId}`, role)).text).not.toContain(`href="${path}"`)
})
