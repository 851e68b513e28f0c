/** Gets the files of a release, from this computer or from the web, and checks them on their way. */
import { createHash } from 'node:crypto'
import { createReadStream, createWriteStream, readFileSync } from 'node:fs'
import { Readable } from 'node:stream'
import { pipeline } from 'node:stream/promises'
import { UpdateFault } from './fault.ts'
import type { Release } from './statement.ts'

const isWeb = (source: string): boolean => /^https?:\/\//.test(source)
const longestStatement = 4_096
const patienceMs = 30_000

export async function readStatement(source: string): Promise<string> {
  const path = `${source}.sig`
  return attempted(path, async () => {
    const text = isWeb(source) ? await (await answerOf(path)).text() : readFileSync(path, 'utf8')
    return text.slice(0, longestStatement)
  })
}

/** Throws unless every byte is what the release says. */
export async function fetchArchive(source: string, release: Release, to: string): Promise<void> {
  const hash = createHash('sha256')
  let bytes = 0
  async function* counted(parts: AsyncIterable<Uint8Array>) {
    for await (const part of parts) {
      bytes += part.length
      // Before it fills the disk.
      if (bytes > release.bytes) throw otherArchive()
      hash.update(part)
      yield part
    }
  }
  await attempted(source, async () => {
    const input = isWeb(source) ? await bodyOf(source) : createReadStream(source)
    await pipeline(input, counted, createWriteStream(to, { mode: 0o600, flush: true }))
  })
  if (bytes !== release.bytes || hash.digest('hex') !== release.sha256) throw otherArchive()
}

const otherArchive = () =>
  new UpdateFault(
    'The archive is not the one that was signed: it was changed, cut off, or replaced while it was fetched. Nothing was changed here. Fetch it again.',
  )

async function bodyOf(source: string): Promise<Readable> {
  const { body } = await answerOf(source)
  if (!body) throw new UpdateFault(`${source} is empty. Nothing was changed.`)
  return Readable.fromWeb(body)
}

async function answerOf(url: string): Promise<Response> {
  // A download may take long, but not its beginning.
  const late = new AbortController()
  const timer = setTimeout(() => late.abort(), patienceMs)
  const answer = await fetch(url, { signal: late.signal }).finally(() => clearTimeout(timer))
  if (answer.ok) return answer
  throw new UpdateFault(
    `${url} answers ${answer.status}. Nothing was changed. Is the address right?`,
  )
}

async function attempted<T>(source: string, work: () => Promise<T>): Promise<T> {
  try {
    return await work()
  } catch (error) {
    if (error instanceof UpdateFault || !(error instanceof Error)) throw error
    const { cause } = error
    const reason = cause instanceof Error ? cause.message : error.message
    throw new UpdateFault(`${source} cannot be read: ${reason}. Nothing was changed.`, {
      cause: error,
    })
  }
}
