/**
 * Plays a live HLS session, which few browsers do by themselves: reads the list of pieces again and
 * again, and appends the new ones.
 */
const readEveryMs = 1_000
/** Playback that fell behind by more jumps to the end. */
const mostBehindSeconds = 6

/** Resolves when the signal is aborted or the session has expired. */
export async function followLive(
  video: HTMLVideoElement,
  sessionUrl: string,
  signal: AbortSignal,
): Promise<void> {
  const { listUrl, codecs } = await sessionAt(sessionUrl)
  const source = new MediaSource()
  video.src = URL.createObjectURL(source)
  await happens(source, 'sourceopen')
  const buffer = source.addSourceBuffer(`video/mp4; codecs="${codecs}"`)
  // Each piece has its own clock, so only their order counts.
  buffer.mode = 'sequence'
  let seen = 0
  while (!signal.aborted) {
    const pieces = await piecesAt(listUrl)
    if (pieces === null) return
    // Of the pieces recorded before, only the last is played.
    const fresh = seen === 0 ? pieces.slice(-1) : pieces.filter(({ nth }) => nth > seen)
    for (const { head, media, nth } of fresh) {
      for (const url of [head, media]) await append(buffer, url)
      seen = nth
    }
    catchUp(video)
    await new Promise((passed) => setTimeout(passed, readEveryMs))
  }
}

interface Piece {
  readonly nth: number
  readonly head: URL
  readonly media: URL
}

async function sessionAt(url: string): Promise<{ readonly listUrl: URL; readonly codecs: string }> {
  const text = await (await fetch(url)).text()
  const list = text.split('\n').find((line) => line && !line.startsWith('#')) ?? ''
  return { listUrl: new URL(list, url), codecs: /CODECS="([^"]+)"/.exec(text)?.[1] ?? '' }
}

/** Null when the session has expired. Pieces are counted from 1. */
async function piecesAt(listUrl: URL): Promise<readonly Piece[] | null> {
  const response = await fetch(listUrl)
  if (!response.ok) return null
  const text = await response.text()
  const before = Number(/#EXT-X-MEDIA-SEQUENCE:(\d+)/.exec(text)?.[1])
  const found = text.matchAll(/#EXT-X-MAP:URI="([^"]+)"\n#EXTINF:.*\n(\S+)/g)
  return [...found].map(([, head = '', media = ''], at) => ({
    nth: before + at + 1,
    head: new URL(head, listUrl),
    media: new URL(media, listUrl),
  }))
}

async function append(buffer: SourceBuffer, url: URL): Promise<void> {
  const bytes = await (await fetch(url)).arrayBuffer()
  buffer.appendBuffer(bytes)
  await happens(buffer, 'updateend')
}

function catchUp(video: HTMLVideoElement): void {
  const { buffered } = video
  if (buffered.length === 0) return
  const endSeconds = buffered.end(buffered.length - 1)
  if (endSeconds - video.currentTime > mostBehindSeconds) video.currentTime = endSeconds - 1
}

const happens = (target: EventTarget, name: string): Promise<unknown> =>
  new Promise((happened) => target.addEventListener(name, happened, { once: true }))
