/** Checks of H.264 in Matroska that the service makes only on playback. */

/** Version 1, lengths of four bytes, and at least one complete parameter set of each kind. */
export function isAvcC(record: Buffer): boolean {
  if (record.length < 7 || record[0] !== 1 || ((record[4] ?? 0) & 3) !== 3) return false
  const spsCount = (record[5] ?? 0) & 0x1f
  const spsEnd = endOfSets(record, 6, spsCount, 7)
  if (spsEnd === null || spsCount === 0) return false
  const ppsCount = record[spsEnd] ?? 0
  return ppsCount > 0 && endOfSets(record, spsEnd + 1, ppsCount, 8) !== null
}

function endOfSets(record: Buffer, from: number, count: number, type: number): number | null {
  let at = from
  for (let set = 0; set < count; set += 1) {
    if (at + 2 > record.length) return null
    const length = record.readUInt16BE(at)
    if (length === 0 || at + 2 + length > record.length) return null
    if (((record[at + 2] ?? 0) & 0x1f) !== type) return null
    at += 2 + length
  }
  return at
}

export function problemWithFrame(frame: Buffer, isKey: boolean): string | null {
  let hasKeySlice = false
  let hasSlice = false
  let at = 0
  while (at < frame.length) {
    if (at + 4 > frame.length) return 'A frame does not end with a NAL unit.'
    const length = frame.readUInt32BE(at)
    // A length of 1 can only be a start code.
    if (length <= 1 || at + 4 + length > frame.length) {
      return 'A frame has no NAL lengths of four bytes.'
    }
    const type = (frame[at + 4] ?? 0) & 0x1f
    hasKeySlice ||= type === 5
    hasSlice ||= type === 1
    at += 4 + length
  }
  if (!hasKeySlice && !hasSlice) return 'A frame has no picture.'
  return hasKeySlice === isKey ? null : 'The key frame flag is wrong.'
}
