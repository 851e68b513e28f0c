/** Two soft notes when the lock opens, one when it closes. Without sound the page works the same. */

type Sound = 'opening' | 'closing'

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
  // Browsers allow sound only after the first touch.
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
  // Faded in and out, because a step would click.
  volume.gain.setValueAtTime(0, startS)
  volume.gain.linearRampToValueAtTime(loudness, startS + 0.02)
  volume.gain.exponentialRampToValueAtTime(0.0001, startS + noteS)
  const tone = new OscillatorNode(audio, { type: 'sine', frequency: hz })
  tone.connect(volume).connect(audio.destination)
  tone.start(startS)
  tone.stop(startS + noteS)
}
