/** Splitting a stream of JPEGs, in any parts, with anything between and inside the pictures. */
import fc from 'fast-check'
import jpeg from 'jpeg-js'
import { expect, test } from 'vitest'
import { jpegSize, mjpegSplitter } from '../../../device/camera/drivers/mjpeg-frames.ts'

function drawn(width: number, height: number, seed: number): Buffer {
  const data = Buffer.alloc(width * height * 4, 255)
  for (let at = 0; at < data.length; at += 1) data[at] = (at * seed) % 251
  return jpeg.encode({ width, height, data }, 70).data
}

/** With a preview: a complete JPEG in a segment of the outer one. */
function withPreview(outer: Buffer, preview: Buffer): Buffer {
  const head = Buffer.from([0xff, 0xe1, 0, 0])
  head.writeUInt16BE(preview.length + 2, 2)
  return Buffer.concat([outer.subarray(0, 2), head, preview, outer.subarray(2)])
}

const pictures = [
  drawn(32, 16, 7),
  withPreview(drawn(48, 32, 13), drawn(8, 8, 3)),
  drawn(16, 16, 5),
]

function split(bytes: Uint8Array, cuts: readonly number[]): Uint8Array[] {
  const places = [0, ...[...cuts].sort((a, b) => a - b), bytes.length]
  return places.slice(1).map((to, at) => bytes.subarray(places[at] ?? 0, to))
}

test('finds the same pictures in any parts of the stream', () => {
  const stream = Buffer.concat(pictures)
  fc.assert(
    fc.property(fc.array(fc.nat(stream.length), { maxLength: 30 }), (cuts) => {
      const splitter = mjpegSplitter()
      const frames = split(stream, cuts).flatMap((part) => splitter.push(part))
      expect(frames.map((one) => Buffer.from(one.jpeg))).toEqual(pictures)
      expect(splitter.strayBytes()).toBe(0)
    }),
    { numRuns: 300 },
  )
})

test('reads the size of the picture, not of its preview', () => {
  const sizes = mjpegSplitter()
    .push(Buffer.concat(pictures))
    .map(({ widthPx, heightPx }) => [widthPx, heightPx])
  expect(sizes).toEqual([
    [32, 16],
    [48, 32],
    [16, 16],
  ])
})

test('leaves out and counts bytes between pictures', () => {
  const splitter = mjpegSplitter()
  const [first, second] = pictures
  const garbage = Buffer.alloc(5_000, 'x')
  splitter.push(garbage)
  expect(splitter.strayBytes()).toBeGreaterThan(4_990)
  const stream = Buffer.concat([first ?? garbage, Buffer.from('--next--'), second ?? garbage])
  expect(splitter.push(stream).length).toBe(2)
  expect(splitter.strayBytes()).toBe(0)
})

test('does not hang, fill the memory or find a picture in noise', () => {
  fc.assert(
    fc.property(fc.uint8Array({ maxLength: 4_000 }), (noise) => {
      const splitter = mjpegSplitter(1_000)
      for (const part of split(noise, [100, 1_500])) {
        for (const frame of splitter.push(part)) expect(jpegSize(frame.jpeg)).not.toBeNull()
      }
      const marks = Buffer.concat([Buffer.from([0xff, 0xd8, 0xff, 0xda, 0, 2]), noise, noise])
      splitter.push(marks)
      expect(splitter.push(pictures[0] ?? noise).length).toBeLessThanOrEqual(1)
    }),
    { numRuns: 300 },
  )
})

test('jpegSize accepts exactly one complete picture', () => {
  const [first] = pictures
  const whole = first ?? Buffer.alloc(0)
  expect(jpegSize(whole)).toEqual({ widthPx: 32, heightPx: 16 })
  expect(jpegSize(whole.subarray(0, -1))).toBeNull()
  expect(jpegSize(Buffer.concat([whole, whole]))).toBeNull()
  expect(jpegSize(Buffer.concat([whole, Buffer.from([0])]))).toBeNull()
  expect(jpegSize(new Uint8Array())).toBeNull()
  expect(jpegSize(Buffer.from('<html>'))).toBeNull()
})
