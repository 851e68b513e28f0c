/** The commands of `smart-door`, called in this process. */
import { main } from '../../../device/cli/main.ts'

export interface Outcome {
  readonly code: number | undefined
  readonly stdout: string
  readonly stderr: string
}

export async function smartDoor(...args: readonly string[]): Promise<Outcome> {
  const output = { stdout: '', stderr: '' }
  const into = (name: keyof typeof output) => ({
    write(text: string) {
      output[name] += text
    },
  })
  const code = await main(args, { stdout: into('stdout'), stderr: into('stderr') })
  return { code, ...output }
}
