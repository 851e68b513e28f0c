/** The rehearsal's short form: the same steps in the same order, in this process. */
import { afterAll, expect, test } from 'vitest'
import { makeCa } from '../support/network/test-ca.ts'
import { inProcessStage } from './in-process/stage.ts'
import { rehearse } from './rehearsal.ts'

const ca = makeCa()
afterAll(ca.remove)

test('from an empty account to an open door, and back', async () => {
  const said: string[] = []
  const stage = await inProcessStage({ ca, say: (sentence) => void said.push(sentence) })
  try {
    await rehearse(stage)
  } finally {
    await stage.close()
  }
  expect(said.at(-1)).toBe('a year passes')
}, 120_000)
