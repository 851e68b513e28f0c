/** The program behind `npm run rehearse`. */
import { rehearseMistakes } from './mistakes/rehearse-mistakes.ts'
import { realStage } from './real/stage.ts'
import { rehearse } from './rehearsal.ts'

const usage = `npm run rehearse -- [--mistakes [TEXT]]

Plays the way of an owner from an empty AWS account to an open door, and back, against stand-ins for
AWS. It takes some minutes.
  --mistakes   plants mistakes in the template, and shows that each is found; TEXT chooses by name`
const usageExitCode = 64

const [option, ...words] = process.argv.slice(2)
const code = await run()
// Clients of the functions keep connections open for a while.
process.exit(code)

async function run(): Promise<number> {
  if (option === undefined) return rehearseOnce()
  if (option === '--mistakes') return rehearseMistakes(words)
  console.log(usage)
  return option === '--help' ? 0 : usageExitCode
}

async function rehearseOnce(): Promise<number> {
  const startedAtMs = Date.now()
  const logged = withoutFunctionLogs()
  const stage = await realStage((sentence) =>
    console.log(`${((Date.now() - startedAtMs) / 1_000).toFixed(1)} s  ${sentence}`),
  )
  try {
    await rehearse(stage)
  } catch (error) {
    console.error(`The functions logged last:\n${logged.slice(-20).join('')}`)
    throw error
  } finally {
    await stage.close()
  }
  console.log('1 passed, 0 failed')
  return 0
}

/** The functions run in this process and log to its output, where only the steps shall stand. */
function withoutFunctionLogs(): string[] {
  const logged: string[] = []
  const write = process.stdout.write.bind(process.stdout)
  process.stdout.write = (text: string | Uint8Array, ...more: never[]) => {
    if (typeof text !== 'string' || !text.startsWith('{"level":')) return write(text, ...more)
    logged.push(text)
    return true
  }
  return logged
}
