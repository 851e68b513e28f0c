import fc from 'fast-check'
import { decode, encode } from 'jpeg-js'
import { describe, expect, test } from 'vitest'
import { picturesJpeg } from '../../../cloud/jpeg/pictures.ts'
import { shrunk } from '../../../cloud/jpeg/pixels.ts'
import { runs } from '../../support/effort.ts'

const pictures = picturesJpeg

function whole(jpeg: Uint8Array | null): Uint8Array {
  if (!jpeg) throw new Error('That is a picture.')
  return jpeg
}
const shrink = (jpeg: Uint8Array, px: number) => whole(pictures.shrink(jpeg, px))
const crop = (jpeg: Uint8Array, area: Parameters<typeof pictures.crop>[1]) =>
  whole(pictures.crop(jpeg, area))

type Colour = readonly [red: number, green: number, blue: number]
const red: Colour = [230, 20, 20]
const green: Colour = [20, 180, 20]
const blue: Colour = [20, 20, 230]
const white: Colour = [250, 250, 250]

function drawn(width: number, height: number, at: (x: number, y: number) => Colour): Buffer {
  const data = Buffer.alloc(width * height * 4, 255)
  for (let y = 0; y < height; y += 1) {
    for (let x = 0; x < width; x += 1) data.set(at(x, y), (y * width + x) * 4)
  }
  return encode({ width, height, data }, 95).data
}

type Quarters = readonly [Colour, Colour, Colour, Colour]

/** Top left, top right, bottom left, bottom right. */
const quartered = (width: number, height: number, colours: Quarters): Buffer =>
  drawn(width, height, (x, y) => colours[(y < height / 2 ? 0 : 2) + (x < width / 2 ? 0 : 1)] ?? red)

function colourAt(jpeg: Uint8Array, xPart: number, yPart: number): Colour {
  const { width, height, data } = decode(jpeg, { useTArray: true })
  const from = (Math.floor(yPart * height) * width + Math.floor(xPart * width)) * 4
  return [data[from] ?? 0, data[from + 1] ?? 0, data[from + 2] ?? 0]
}

const near = ([r, g, b]: Colour, [r2, g2, b2]: Colour): boolean =>
  Math.max(Math.abs(r - r2), Math.abs(g - g2), Math.abs(b - b2)) < 25

function expectQuarters(jpeg: Uint8Array, [a, b, c, d]: Quarters): void {
  const seen = [colourAt(jpeg, 0.25, 0.25), colourAt(jpeg, 0.75, 0.25)]
  seen.push(colourAt(jpeg, 0.25, 0.75), colourAt(jpeg, 0.75, 0.75))
  const wanted = [a, b, c, d]
  expect(seen.map((one) => wanted.findIndex((colour) => near(one, colour)))).toEqual([0, 1, 2, 3])
}

/** Puts a segment right behind the first two bytes, where cameras write theirs. */
function withSegment(jpeg: Buffer, marker: number, body: Buffer): Buffer {
  const head = Buffer.from([0xff, marker, 0, 0])
  head.writeUInt16BE(body.length + 2, 2)
  return Buffer.concat([jpeg.subarray(0, 2), head, body, jpeg.subarray(2)])
}

function exif(orientation: number, littleEnd: boolean, beside = ''): Buffer {
  const tiff = Buffer.alloc(8 + 2 + 2 * 12 + 4)
  const write16 = (value: number, at: number) =>
    littleEnd ? tiff.writeUInt16LE(value, at) : tiff.writeUInt16BE(value, at)
  tiff.write(littleEnd ? 'II' : 'MM', 0, 'latin1')
  write16(42, 2)
  if (littleEnd) tiff.writeUInt32LE(8, 4)
  else tiff.writeUInt32BE(8, 4)
  write16(2, 8)
  write16(0x0100, 10)
  write16(0x0112, 22)
  write16(3, 24)
  write16(orientation, 30)
  return Buffer.concat([Buffer.from('Exif\0\0'), tiff, Buffer.from(beside)])
}

/** The position of the marker that says how large the picture is. */
const frameAt = (jpeg: Buffer): number => jpeg.indexOf(Buffer.from([0xff, 0xc0]))

describe('the size', () => {
  const picture = drawn(123, 45, () => green)

  test('is what the header says', () => {
    expect(pictures.size(picture)).toEqual({ widthPx: 123, heightPx: 45 })
  })

  test('needs none of the pixels', () => {
    const scan = picture.indexOf(Buffer.from([0xff, 0xda]))
    const header = picture.subarray(0, scan + 14)
    expect(pictures.size(header)).toEqual({ widthPx: 123, heightPx: 45 })
  })

  test.each([
    ['nothing', Buffer.alloc(0)],
    ['words', Buffer.from('<html>not a picture</html>')],
    ['a PNG', Buffer.from('89504e470d0a1a0a0000000d49484452', 'hex')],
    ['a JPEG that ends before its size', drawn(8, 8, () => red).subarray(0, 60)],
    ['a JPEG without pixels', Buffer.from('ffd8ffd9', 'hex')],
  ])('is null for %s', (_, bytes) => {
    expect(pictures.size(bytes)).toBeNull()
    expect(pictures.shrink(bytes, 100)).toBeNull()
    expect(pictures.crop(bytes, { leftPx: 0, topPx: 0, widthPx: 1, heightPx: 1 })).toBeNull()
  })

  test('is null, whatever is cut off, changed or added, or it is a size', () => {
    const change = fc.record({
      length: fc.nat(picture.length),
      at: fc.nat(700),
      value: fc.nat(255),
    })
    fc.assert(
      fc.property(change, ({ length, at, value }) => {
        const bytes = Buffer.from(picture.subarray(0, length))
        if (at < bytes.length) bytes[at] = value
        const size = pictures.size(bytes)
        expect(size === null || size.widthPx * size.heightPx > 0).toBe(true)
      }),
      { numRuns: runs(300, 2_000) },
    )
  })

  test('is null for a few bytes that claim to be a huge picture', () => {
    const bomb = Buffer.from(picture)
    bomb.writeUInt16BE(65_000, frameAt(bomb) + 5)
    bomb.writeUInt16BE(65_000, frameAt(bomb) + 7)
    expect(pictures.size(bomb)).toBeNull()
    expect(pictures.shrink(bomb, 100)).toBeNull()
  })

  test('is null for a picture that would be decoded pass after pass', () => {
    const scan = picture.subarray(picture.indexOf(Buffer.from([0xff, 0xda])), -2)
    const passes = Array.from({ length: 50 }, () => scan)
    const bomb = Buffer.concat([picture.subarray(0, -2), ...passes, picture.subarray(-2)])
    expect(pictures.size(bomb)).toBeNull()
  })

  test('does not mind empty filling between segments', () => {
    const filled = Buffer.concat([picture.subarray(0, 2), Buffer.from([0xff]), picture.subarray(2)])
    expect(pictures.size(filled)).toEqual({ widthPx: 123, heightPx: 45 })
  })
})

describe('cropping', () => {
  const picture = quartered(160, 80, [red, green, blue, white])

  test('cuts out exactly the area', () => {
    const piece = crop(picture, { leftPx: 80, topPx: 40, widthPx: 33, heightPx: 21 })
    expect(pictures.size(piece)).toEqual({ widthPx: 33, heightPx: 21 })
    expect(near(colourAt(piece, 0.1, 0.1), white)).toBe(true)
    expect(near(colourAt(piece, 0.9, 0.9), white)).toBe(true)
  })

  test('cuts what is seen, not what is stored', () => {
    // Stored on its side: what is seen is 80 wide and 160 high, with the stored bottom left on top left.
    const aside = withSegment(picture, 0xe1, exif(6, true))
    const piece = crop(aside, { leftPx: 0, topPx: 0, widthPx: 40, heightPx: 80 })
    expect(near(colourAt(piece, 0.5, 0.5), blue)).toBe(true)
  })

  test.each([
    { leftPx: -1, topPx: 0, widthPx: 10, heightPx: 10 },
    { leftPx: 155, topPx: 0, widthPx: 10, heightPx: 10 },
    { leftPx: 0, topPx: 75, widthPx: 10, heightPx: 10 },
    { leftPx: 0.5, topPx: 0, widthPx: 10, heightPx: 10 },
    { leftPx: 0, topPx: 0, widthPx: 0, heightPx: 10 },
  ])('refuses an area that is not in the picture: %o', (area) => {
    expect(() => pictures.crop(picture, area)).toThrow(RangeError)
  })
})

describe('shrinking', () => {
  test('keeps the shape, with the longer side as asked', () => {
    const wide = shrink(quartered(300, 200, [red, green, blue, white]), 100)
    expect(pictures.size(wide)).toEqual({ widthPx: 100, heightPx: 67 })
    expectQuarters(wide, [red, green, blue, white])
    const high = shrink(quartered(90, 300, [red, green, blue, white]), 100)
    expect(pictures.size(high)).toEqual({ widthPx: 30, heightPx: 100 })
  })

  test('never makes a picture larger, nor loses a side', () => {
    const small = shrink(quartered(40, 20, [red, green, blue, white]), 100)
    expect(pictures.size(small)).toEqual({ widthPx: 40, heightPx: 20 })
    const line = shrink(
      drawn(400, 1, () => red),
      20,
    )
    expect(pictures.size(line)).toEqual({ widthPx: 20, heightPx: 1 })
  })

  test('makes grey of a fine black and white pattern', () => {
    const rgb = new Uint8Array(64 * 64 * 3).map((_, at) => {
      const pixel = Math.floor(at / 3)
      return (pixel + Math.floor(pixel / 64)) % 2 === 0 ? 255 : 0
    })
    const small = shrunk({ widthPx: 64, heightPx: 64, rgb }, { widthPx: 16, heightPx: 16 })
    expect(new Set(small.rgb)).toEqual(new Set([128]))
  })

  test('loses no light and adds none', () => {
    const side = fc.integer({ min: 1, max: 30 })
    const seed = fc.uint8Array({ minLength: 30 * 30 * 3, maxLength: 30 * 30 * 3 })
    fc.assert(
      fc.property(side, side, side, side, seed, (width, height, toWidth, toHeight, bytes) => {
        const rgb = bytes.subarray(0, width * height * 3)
        const to = { widthPx: Math.min(width, toWidth), heightPx: Math.min(height, toHeight) }
        const small = shrunk({ widthPx: width, heightPx: height, rgb }, to)
        expect(small.rgb).toHaveLength(to.widthPx * to.heightPx * 3)
        expect(Math.abs(mean(small.rgb) - mean(rgb))).toBeLessThan(0.51)
      }),
    )
  })

  test('leaves a picture of one colour exactly as it is', () => {
    const rgb = new Uint8Array(97 * 61 * 3).fill(200)
    const small = shrunk({ widthPx: 97, heightPx: 61, rgb }, { widthPx: 53, heightPx: 7 })
    expect(new Set(small.rgb)).toEqual(new Set([200]))
  })
})

const mean = (bytes: Uint8Array): number =>
  bytes.reduce((sum, byte) => sum + byte, 0) / Math.max(1, bytes.length)

/** What Exif says about each number: where the first stored row and column are in what was seen. */
const sides = [
  [1, 'top', 'left'],
  [2, 'top', 'right'],
  [3, 'bottom', 'right'],
  [4, 'bottom', 'left'],
  [5, 'left', 'top'],
  [6, 'right', 'top'],
  [7, 'right', 'bottom'],
  [8, 'left', 'bottom'],
] as const
const opposite = { top: 'bottom', bottom: 'top', left: 'right', right: 'left' } as const

describe('a camera that was held differently', () => {
  const seen: Quarters = [red, green, blue, white]
  const colourOf = (one: string, other: string): Colour =>
    seen[([one, other].includes('bottom') ? 2 : 0) + ([one, other].includes('right') ? 1 : 0)] ??
    red

  test.each(sides)('orientation %i is set upright', (orientation, row, column) => {
    const aside = orientation >= 5
    const stored = quartered(aside ? 40 : 80, aside ? 80 : 40, [
      colourOf(row, column),
      colourOf(row, opposite[column]),
      colourOf(opposite[row], column),
      colourOf(opposite[row], opposite[column]),
    ])
    for (const littleEnd of [true, false]) {
      const picture = withSegment(stored, 0xe1, exif(orientation, littleEnd))
      expect(pictures.size(picture)).toEqual({ widthPx: 80, heightPx: 40 })
      const small = shrink(picture, 60)
      expect(pictures.size(small)).toEqual({ widthPx: 60, heightPx: 30 })
      expectQuarters(small, seen)
    }
  })

  test('nonsense there turns nothing', () => {
    const picture = quartered(80, 40, seen)
    for (const orientation of [0, 9, 65_535]) {
      expectQuarters(shrink(withSegment(picture, 0xe1, exif(orientation, true)), 60), seen)
    }
  })
})

test('nothing but pixels is left of a picture', () => {
  const place = 'GPS 52.5163 13.3777'
  const marked = withSegment(
    drawn(40, 40, () => blue),
    0xe1,
    exif(1, true, place),
  )
  const noted = withSegment(marked, 0xfe, Buffer.from('taken by Robin Example'))
  const picture = Buffer.concat([noted, Buffer.from('<script>behind the end</script>')])
  const area = { leftPx: 0, topPx: 0, widthPx: 40, heightPx: 40 }
  for (const left of [shrink(picture, 100), crop(picture, area)]) {
    const text = Buffer.from(left).toString('latin1')
    expect(text).not.toMatch(/Exif|GPS|Robin|script/)
    expect(near(colourAt(left, 0.5, 0.5), blue)).toBe(true)
  }
})

test('a picture with wrong bytes anywhere is either read or refused, never worse', () => {
  const picture = quartered(24, 24, [red, green, blue, white])
  const change = fc.tuple(fc.nat(picture.length - 1), fc.nat(255))
  fc.assert(
    fc.property(fc.array(change, { minLength: 1, maxLength: 5 }), (changes) => {
      const bytes = Buffer.from(picture)
      for (const [at, value] of changes) bytes[at] = value
      const small = pictures.shrink(bytes, 12)
      expect(small === null || pictures.size(small) !== null).toBe(true)
    }),
    { numRuns: runs(100, 1_000) },
  )
})

test('a picture that breaks off within its pixels is either read or refused, never worse', () => {
  const picture = quartered(64, 64, [red, green, blue, white])
  for (let length = 0; length < picture.length; length += 7) {
    const small = pictures.shrink(picture.subarray(0, length), 32)
    if (small) expect(pictures.size(small)).toEqual({ widthPx: 32, heightPx: 32 })
  }
})
