/** A shell with nothing in its environment but what it needs. */
import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { RehearsalFailed } from '../stage.ts'

/** One line, in a shell of its own. */
export async function shell(
  line: string,
  cwd: string,
  environment: Readonly<Record<string, string>>,
): Promise<string> {
  const child = spawn('sh', ['-c', line], {
    cwd,
    env: { PATH: process.env['PATH'], CI: 'true', ...environment },
    stdio: ['ignore', 'pipe', 'pipe'],
  })
  let output = ''
  for (const stream of [child.stdout, child.stderr]) {
    stream.on('data', (chunk: Buffer) => {
      output += chunk.toString()
    })
  }
  const [code] = await once(child, 'close')
  if (code === 0) return output
  throw new RehearsalFailed(`It ended with ${code}:\n${output}`)
}
