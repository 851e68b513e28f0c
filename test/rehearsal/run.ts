/** The program behind `npm run rehearse`. */
import { rehearseMistakes } from './mistakes/rehearse-mistakes.ts'
import { realStage } from './real/stage.ts'
import { rehearse } from './rehearsal.ts'

const [option, ...words] = process.argv.slice(2)
const code = option === '--mistakes' ? await rehearseMistakes(words) : await rehearseOnce()
// Clients of the functions keep connections open for a while.
process.exit(code)

async function rehearseOnce(): Promise<number> {
  const startedAtMs = Date.now()
  const stage = await realStage((sentence) =>
    console.log(`${((Date.now() - startedAtMs) / 1_000).toFixed(1)} s  ${sentence}`),
  )
  await rehearse(stage).finally(stage.close)
  console.log('1 passed, 0 failed')
  return 0
}
