/**
 * TypeScript to JavaScript, for the keypad page: types become blanks, so lines and columns stay.
 *
 * Node does this with a WebAssembly compiler that takes some 20 MB and is not needed again, so a
 * process of its own does it and takes the memory with it. Node's warning that this is experimental
 * stays in there too, unless the page cannot be built; the daemon's own warnings are not muted.
 */
import { spawn } from 'node:child_process'
import { text } from 'node:stream/consumers'
import { fileURLToPath } from 'node:url'

export class PageFault extends Error {
  override readonly name = 'PageFault'
  readonly code = 'PAGE_NOT_BUILT'
}

/** Stands between sources on their way there and back; no source can contain it. */
export const sourceEnd = '\0'

const program = fileURLToPath(new URL('./strip-types-process.ts', import.meta.url))

export async function stripTypes(sources: readonly string[]): Promise<readonly string[]> {
  if (sources.length === 0) return []
  const child = spawn(process.execPath, [program], { env: {} })
  const ended = new Promise<number | null>((resolve, reject) => {
    child.once('error', reject)
    child.once('close', resolve)
  })
  child.stdin.on('error', () => {}) // One that ended early is judged by its exit code.
  child.stdin.end(sources.join(sourceEnd))
  const [output, complaint, exitCode] = await Promise.all([
    text(child.stdout),
    text(child.stderr),
    ended,
  ])
  const scripts = output.split(sourceEnd)
  if (exitCode !== 0 || scripts.length !== sources.length) {
    throw new PageFault('The TypeScript of the keypad page has a mistake', { cause: complaint })
  }
  return scripts
}
