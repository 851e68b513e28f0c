/**
 * JPEGs by jpeg-js. For each picture its package builds an encoder, whose tables cost eight times as
 * much as the picture. It does not export the encoder, so that is taken from the script itself.
 */
import { readFileSync } from 'node:fs'
import { createRequire } from 'node:module'
import { runInThisContext } from 'node:vm'

interface Picture {
  readonly width: number
  readonly height: number
  /** Red, green, blue and one more byte for each pixel. */
  readonly data: Uint8Array
}

interface Encoder {
  encode(picture: Picture, quality: number): Uint8Array
}

const script = createRequire(import.meta.url).resolve('jpeg-js/lib/encoder.js')
const encoderClass: new (quality: number) => Encoder = runInThisContext(
  // As in a browser, where the script finds no module.
  `((window, module) => { ${readFileSync(script, 'utf8')}; return JPEGEncoder })({})`,
)
let encoder: Encoder | undefined

export function encodeJpeg(picture: Picture, quality: number): Uint8Array {
  encoder ??= new encoderClass(quality)
  return encoder.encode(picture, quality)
}
