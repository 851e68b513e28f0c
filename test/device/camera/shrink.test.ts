import jpeg from 'jpeg-js'
import { expect, test } from 'vitest'
import { jpegSize } from '../../../device/camera/drivers/mjpeg-frames.ts'
import { ffmpegPictures } from '../../../device/camera/snapshots/shrink.ts'

/** JPEG compresses noise worst. */
function noisy(widthPx: number, heightPx: number) {
  let state = 1
  const data = Buffer.alloc(widthPx * heightPx * 4)
  for (let at = 0; at < data.length; at += 1) {
    state = (Math.imul(state, 1_664_525) + 1_013_904_223) | 0
    data[at] = state >>> 24
  }
  const encoded = jpeg.encode({ width: widthPx, height: heightPx, data }, 90).data
  return { jpeg: new Uint8Array(encoded), widthPx, heightPx }
}

test('makes even noise small enough, and returns its new size', async () => {
  const large = noisy(1_000, 601)
  expect(large.jpeg.length).toBeGreaterThan(400_000)
  const small = await ffmpegPictures({ withinMs: 60_000 }).atMost(100_000, large)
  expect(small?.jpeg.length).toBeLessThanOrEqual(100_000)
  expect(small && jpegSize(small.jpeg)).toEqual({
    widthPx: small?.widthPx,
    heightPx: small?.heightPx,
  })
})

test.each([
  ['no picture', { jpeg: new Uint8Array(200_000), widthPx: 10, heightPx: 10 }, {}],
  ['no ffmpeg', noisy(64, 64), { program: '/nowhere/ffmpeg' }],
  ['one that hangs', noisy(64, 64), { program: 'yes', withinMs: 100 }],
])('%s: gives null', async (_, picture, deps) => {
  expect(await ffmpegPictures(deps).atMost(1_000, picture)).toBeNull()
})
