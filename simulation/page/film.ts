/** Plays the film of a visit: fetched as a whole, so that one can look for a moment in it. */
const dialog = document.getElementById('film')
const video = document.getElementById('film-video')
const title = document.getElementById('film-title')

/** Null when it plays, else the answer that says why not. */
export async function playFilm(visitId: string, what: string): Promise<unknown> {
  const response = await fetch(`/api/film/${visitId}`)
  if (!response.ok) return response.json()
  if (!(dialog instanceof HTMLDialogElement) || !(video instanceof HTMLVideoElement)) return null
  video.src = URL.createObjectURL(await response.blob())
  if (title) title.textContent = what
  dialog.showModal()
  // Some browsers wait until somebody presses play, which is as well.
  await video.play().catch(() => {})
  return null
}

dialog?.addEventListener('close', () => {
  if (!(video instanceof HTMLVideoElement)) return
  URL.revokeObjectURL(video.src)
  video.removeAttribute('src')
})
