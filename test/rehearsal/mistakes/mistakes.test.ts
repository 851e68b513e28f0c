/** Whether the mistakes can still be planted. `npm run rehearse -- --mistakes` shows that each is found. */
import { expect, test } from 'vitest'
import { templateOf } from '../in-process/deploy.ts'
import { mistakes } from './mistakes.ts'
import { editorOf } from './template-editor.ts'

test('every mistake changes the template, and none has the name of another', async () => {
  const doors = ['elm-road_front']
  const good = JSON.stringify(await templateOf(doors, () => {}))
  for (const { name, plant } of mistakes) {
    const changed = await templateOf(doors, (template) => plant(editorOf(template)))
    expect(JSON.stringify(changed), name).not.toBe(good)
  }
  expect(new Set(mistakes.map(({ name }) => name)).size).toBe(mistakes.length)
  expect(mistakes.length).toBeGreaterThanOrEqual(20)
})
