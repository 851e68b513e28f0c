/** What every store of recordings must do. */
import { describe, expect, test } from 'vitest'
import type { RecordingSpan, Recordings } from '../../../cloud/ports.ts'
import { testProof } from '../../support/effort.ts'
import { framesIn, played } from '../../support/video/stored-recording.ts'

export interface RecordingsUnderTest {
  readonly recordings: Recordings
  readonly streamName: string
  /** Stores a recording of so many frames, ten a second, in fragments of twenty. */
  recording(startMs: number, frames: number): Promise<void>
  nowMs(): number
}

export function recordingsContract(open: () => RecordingsUnderTest): void {
  const span = (fromMs: number, toMs: number): RecordingSpan => ({
    streamName: open().streamName,
    fromMs,
    toMs,
  })

  describe('a clip', () => {
    test('shows what was filmed in its time and nothing else, as one file', async () => {
      const startMs = open().nowMs() - 60_000
      await open().recording(startMs, 100)
      const answer = await open().recordings.clip(span(startMs + 2_000, startMs + 7_000))
      if (answer.outcome !== 'clip') throw new Error(answer.why)
      expect(Buffer.from(answer.mp4).toString('latin1', 4, 8)).toBe('ftyp')
      expect(await framesIn(answer.mp4)).toBe(60)
    })

    test('of a time in which nothing was filmed there is none', async () => {
      const answer = await open().recordings.clip(span(1_000_000, 1_010_000))
      expect(answer).toEqual({ outcome: 'no-clip', why: 'nothing-there' })
    })

    test('of a door without a recording there is none', async () => {
      const answer = await open().recordings.clip({ ...span(0, 10_000), streamName: 'nowhere' })
      expect(answer).toEqual({ outcome: 'no-clip', why: 'nothing-there' })
    })

    test('is never cut short without a word', async () => {
      const answer = await open().recordings.clip(span(0, 200_001))
      expect(answer).toEqual({ outcome: 'no-clip', why: 'too-long' })
    })
  })

  describe('a session', () => {
    test('plays the recording of a time span, in fragments', async () => {
      const startMs = open().nowMs() - 3_600_000
      await open().recording(startMs, 60)
      const session = await open().recordings.play(span(startMs, startMs + 6_000))
      const parts = await played(session?.url ?? '')
      expect(await Promise.all(parts.map(framesIn))).toEqual([20, 20, 20])
      expect(session?.expiresAtMs).toBe(open().nowMs() + 3_600_000)
    })

    testProof('plays what is filmed now, for five minutes', async () => {
      await open().recording(open().nowMs() - 4_000, 40)
      const session = await open().recordings.play({ streamName: open().streamName })
      const [part = Buffer.alloc(0)] = await played(session?.url ?? '')
      expect(await framesIn(part)).toBe(20)
      expect(session?.expiresAtMs).toBe(open().nowMs() + 300_000)
    })

    test('there is none where nothing is to be played', async () => {
      const { recordings } = open()
      expect(await recordings.play({ streamName: 'nowhere' })).toBeNull()
      expect(await recordings.play(span(1_000_000, 1_010_000))).toBeNull()
    })
  })
}
