/** The sound of the bolt. Browsers play no sound before the first key press or click. */
let audio: AudioContext | null = null

addEventListener('pointerdown', wake, { once: true })
addEventListener('keydown', wake, { once: true })

function wake(): void {
  audio ??= new AudioContext()
  void audio.resume()
}

const sounds = {
  open: { hertz: 1_400, seconds: 0.05 },
  closed: { hertz: 700, seconds: 0.09 },
}

/** A short burst of noise through a narrow filter: brighter when it opens, duller when it closes. */
export function click(state: keyof typeof sounds): void {
  if (audio?.state !== 'running') return
  const { hertz, seconds } = sounds[state]
  const source = new AudioBufferSourceNode(audio, { buffer: fadingNoise(audio, seconds) })
  const filter = new BiquadFilterNode(audio, { type: 'bandpass', frequency: hertz, Q: 1.5 })
  const volume = new GainNode(audio, { gain: 0.5 })
  source.connect(filter).connect(volume).connect(audio.destination)
  source.start()
}

function fadingNoise({ sampleRate }: AudioContext, seconds: number): AudioBuffer {
  const length = Math.ceil(sampleRate * seconds)
  const buffer = new AudioBuffer({ length, sampleRate })
  const samples = buffer.getChannelData(0)
  for (let at = 0; at < length; at += 1) {
    samples[at] = (Math.random() * 2 - 1) * (1 - at / length) ** 3
  }
  return buffer
}
