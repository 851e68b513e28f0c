/**
 * Turns the TypeScript of the keypad page into JavaScript. Types become blanks, so lines and columns
 * stay. A child process does it, because Node's compiler holds 20 MB that are not needed again; its
 * warning about an experimental feature stays there too.
 */
import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { text } from 'node:stream/consumers'
import { fileURLToPath } from 'node:url'

export class PageFault extends Error {
  override readonly name = 'PageFault'
  readonly code = 'PAGE_NOT_BUILT'
}

/** Separates the sources; no source contains it. */
export const sourceEnd = '\0'

const program = fileURLToPath(new URL('./strip-types-process.ts', import.meta.url))

export async function stripTypes(sources: readonly string[]): Promise<readonly string[]> {
  if (sources.length === 0) return []
  const child = spawn(process.execPath, [program], { env: {} })
  const ended = once(child, 'close')
  child.stdin.on('error', () => {}) // The exit code tells why.
  child.stdin.end(sources.join(sourceEnd))
  const [output, complaint, [exitCode]] = await Promise.all([
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
