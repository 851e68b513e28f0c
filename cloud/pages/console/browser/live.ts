/** Shows the live view in browsers that do not play HLS by themselves, and ends it. */
import { followLive } from './follow-live.ts'

const video = document.querySelector<HTMLVideoElement>('video#live')
const state = document.getElementById('live-state')

if (video && state) await watch(video, state)

async function watch(video: HTMLVideoElement, state: HTMLElement): Promise<void> {
  const signal = AbortSignal.timeout(Number(video.dataset['seconds']) * 1_000)
  const end = (said: string | undefined) => {
    video.pause()
    video.removeAttribute('src')
    video.hidden = true
    state.textContent = said ?? ''
  }
  signal.addEventListener('abort', () => end(state.dataset['ended']))
  if ('MediaSource' in window) {
    video.addEventListener('loadeddata', () => void video.play().catch(() => undefined))
    await followLive(video, video.src, signal).catch(() => end(state.dataset['cannot']))
    if (!signal.aborted) end(state.dataset['ended'])
  } else if (video.canPlayType('application/vnd.apple.mpegurl') === '') {
    end(state.dataset['cannot'])
  }
}
