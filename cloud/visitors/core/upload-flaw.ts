/** Why an uploaded file cannot become a photo, as far as its size and first bytes say. */

export const uploadFlaws = ['too-large', 'heic', 'png-or-webp', 'unreadable'] as const
export type UploadFlaw = (typeof uploadFlaws)[number]

const mostUploadBytes = 5_000_000

/**
 * Null for what may be a JPEG. The function decodes JPEG only: pages turn PNG and WebP into JPEG in
 * the browser, so these arrive from a browser without scripts.
 */
export function flawOf(bytes: Uint8Array): UploadFlaw | null {
  if (bytes.length > mostUploadBytes) return 'too-large'
  const ascii = String.fromCharCode(...bytes.subarray(0, 12))
  if (ascii.slice(4, 8) === 'ftyp') return 'heic'
  if (ascii.startsWith('\u0089PNG')) return 'png-or-webp'
  if (ascii.startsWith('RIFF') && ascii.endsWith('WEBP')) return 'png-or-webp'
  return null
}
