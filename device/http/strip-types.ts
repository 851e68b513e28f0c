/**
 * Turns the TypeScript of the keypad page into JavaScript. Types become blanks, so lines and columns
 * stay. A child process does it, because Node's compiler holds 20 MB that are not needed again; its
 * warning about an experimental feature stays there too. Later starts find the result beside what Node
 * itself has compiled, and need no child process: it is half of the CPU time of a start.
 */
import { spawn } from 'node:child_process'
import { createHash } from 'node:crypto'
import { once } from 'node:events'
import { readFile, rename, writeFile } from 'node:fs/promises'
import { getCompileCacheDir } from 'node:module'
import { join } from 'node:path'
import { text } from 'node:stream/consumers'
import { fileURLToPath } from 'node:url'

export class PageFault extends Error {
  override readonly name = 'PageFault'
  readonly code = 'PAGE_NOT_BUILT'
}

/** Separates the sources; no source contains it. */
export const sourceEnd = '\0'

const program = fileURLToPath(new URL('./strip-types-process.ts', import.meta.url))

/** By the hash of the sources: the listener for tablets serves the page that the own screen has. */
const stripped = new Map<string, Promise<readonly string[]>>()

export function stripTypes(sources: readonly string[]): Promise<readonly string[]> {
  const hash = hashOf(sources.join(sourceEnd))
  const known = stripped.get(hash)
  if (known) return known
  const scripts = strippedOrStored(sources, hash)
  stripped.set(hash, scripts)
  scripts.catch(() => stripped.delete(hash))
  return scripts
}

/** The folder is for one version of Node, which is also the compiler's. Faults of the disk only cost time. */
async function strippedOrStored(sources: readonly string[], hash: string) {
  const folder = getCompileCacheDir()
  if (folder === undefined) return strippedByChild(sources)
  const path = join(folder, `keypad-page-${hash}`)
  const [hashOfStored, ...stored] = await readFile(path, 'utf8').then(
    (file) => file.split(sourceEnd),
    () => [],
  )
  // A power cut may have left a file without its content.
  if (hashOf(stored.join(sourceEnd)) === hashOfStored) return stored
  const scripts = await strippedByChild(sources)
  const partial = `${path}.${process.pid}`
  await writeFile(partial, [hashOf(scripts.join(sourceEnd)), ...scripts].join(sourceEnd))
    .then(() => rename(partial, path))
    .catch(() => {})
  return scripts
}

const hashOf = (text: string): string => createHash('sha256').update(text).digest('base64url')

async function strippedByChild(sources: readonly string[]): Promise<readonly string[]> {
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
