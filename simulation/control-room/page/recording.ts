/** Plays the recording of a visit, fetched as a whole so that one can seek in it, and the live view. */
import { followLive } from '../../../cloud/pages/console/browser/follow-live.ts'

function byId<E extends HTMLElement>(id: string, kind: new () => E): E {
  const element = document.getElementById(id)
  if (!(element instanceof kind)) throw new Error(`the page has no ${id}`)
  return element
}

const dialog = byId('recording', HTMLDialogElement)
const video = byId('recording-video', HTMLVideoElement)
const title = byId('recording-title', HTMLElement)
/** Ends when the dialog closes. */
let looking: AbortController | null = null

function open(what: string): AbortSignal {
  title.textContent = what
  looking = new AbortController()
  dialog.showModal()
  return looking.signal
}

dialog.addEventListener('close', () => {
  looking?.abort()
  URL.revokeObjectURL(video.src)
  video.removeAttribute('src')
})

/** Some browsers wait until the play button is pressed. */
const play = (): Promise<void> => video.play().catch(() => {})

/** Null when it plays, else the refusal. */
export async function playRecording(visitId: string, what: string): Promise<unknown> {
  const response = await fetch(`/api/recording/${visitId}`)
  if (!response.ok) return response.json()
  open(what)
  video.src = URL.createObjectURL(await response.blob())
  await play()
  return null
}

/** A door that was asked for a live view has something to show within seconds. */
const recordingsWithinMs = 20_000
const askAgainMs = 500

export async function watchLive(ask: (forMs?: number) => Promise<unknown>): Promise<unknown> {
  const refusal = await ask()
  if (refusal !== null) return refusal
  const signal = open('Through the door, a few seconds ago')
  signal.addEventListener('abort', () => void ask(0))
  for (const endMs = performance.now() + recordingsWithinMs; !signal.aborted; ) {
    const response = await fetch('/api/live')
    const answer = await response.json()
    if (response.ok) {
      video.addEventListener('loadeddata', play, { once: true })
      await followLive(video, answer.url, signal).catch((fault: unknown) => {
        // Closing the dialog interrupts the player.
        if (!signal.aborted) throw fault
      })
      return null
    }
    if (performance.now() > endMs) {
      dialog.close()
      return answer
    }
    await new Promise((passed) => setTimeout(passed, askAgainMs))
  }
  return null
}
