/** Two soft notes up when the lock opens, one down when it closes. A door without a speaker, or a
 * browser without sound, is a quieter door and nothing else. */

export type Sound = 'opening' | 'closing'

interface Note {
  readonly hz: number
  readonly afterS: number
}

const melodies: Readonly<Record<Sound, readonly Note[]>> = {
  opening: [
    { hz: 523.25, afterS: 0 },
    { hz: 783.99, afterS: 0.14 },
  ],
  closing: [{ hz: 392, afterS: 0 }],
}

const loudness = 0.12
const noteS = 0.45

export function soundsAfterFirstTouch(): { play(sound: Sound): void } {
  let audio: AudioContext | null = null
  // Browsers keep sound back until somebody has touched the page.
  const wake = () => {
    try {
      audio ??= new AudioContext()
      audio.resume().catch(() => {})
    } catch {
      audio = null
    }
  }
  document.addEventListener('pointerdown', wake)
  document.addEventListener('keydown', wake)
  return {
    play(sound) {
      if (audio?.state !== 'running') return
      for (const note of melodies[sound]) playNote(audio, note)
    },
  }
}

function playNote(audio: AudioContext, { hz, afterS }: Note): void {
  const startS = audio.currentTime + afterS
  const volume = new GainNode(audio, { gain: 0 })
  // From and to silence by degrees, as a step would click.
  volume.gain.setValueAtTime(0, startS)
  volume.gain.linearRampToValueAtTime(loudness, startS + 0.02)
  volume.gain.exponentialRampToValueAtTime(0.0001, startS + noteS)
  const tone = new OscillatorNode(audio, { type: 'sine', frequency: hz })
  tone.connect(volume).connect(audio.destination)
  tone.start(startS)
  tone.stop(startS + noteS)
}
