/**
 * `npm run rehearse -- --mistakes`: rehearses each mistake, which must fail with a sentence that names
 * the resource. Words after it choose mistakes.
 */
import { makeCa, type TestCa } from '../../support/network/test-ca.ts'
import { inProcessStage } from '../in-process/stage.ts'
import { rehearse } from '../rehearsal.ts'
import { type Mistake, mistakes } from './mistakes.ts'
import { editorOf } from './template-editor.ts'

interface Finding {
  readonly mistake: Mistake
  readonly isNamed: boolean
  readonly step: string
  readonly sentence: string
}

async function find(mistake: Mistake, ca: TestCa): Promise<Finding> {
  let step = ''
  const stage = await inProcessStage({
    ca,
    change: (template) => mistake.plant(editorOf(template)),
    say: (sentence) => {
      step = sentence
    },
  })
  try {
    await rehearse(stage)
    return {
      mistake,
      isNamed: false,
      step: 'nothing',
      sentence: 'The rehearsal did not notice it.',
    }
  } catch (error) {
    const [sentence = ''] = (error instanceof Error ? error.message : String(error)).split('\n')
    const said = sentence.replace(`${step}: `, '')
    return { mistake, isNamed: said.includes(mistake.at), step, sentence: said }
  } finally {
    await stage.close()
  }
}

/** Returns the exit code. */
export async function rehearseMistakes(wanted: readonly string[]): Promise<number> {
  const chosen = mistakes.filter(({ name }) => wanted.every((word) => name.includes(word)))
  const startedAtMs = Date.now()
  const ca = makeCa()
  let missed = 0
  console.log('| mistake | what failed | the sentence |\n|---|---|---|')
  for (const mistake of chosen) {
    const { isNamed, step, sentence } = await find(mistake, ca)
    if (!isNamed) missed += 1
    console.log(`| ${isNamed ? '' : 'NOT NAMED: '}${mistake.name} | ${step} | ${sentence} |`)
  }
  ca.remove()
  const { user, system } = process.cpuUsage()
  const seconds = Math.round((Date.now() - startedAtMs) / 1_000)
  const cpuSeconds = Math.round((user + system) / 1_000_000)
  console.log(`${seconds} s, of which ${cpuSeconds} s on a processor`)
  console.log(`${chosen.length - missed} passed, ${missed} failed`)
  return missed === 0 ? 0 : 1
}
