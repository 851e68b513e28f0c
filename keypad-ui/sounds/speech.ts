/** Says sentences aloud. Silent where the browser has no voice for the language. */
import type { View } from '../view.ts'

export function speaker(): { follow(view: View): void } {
  // Missing in browsers without speech.
  const synthesis: SpeechSynthesis | undefined = window.speechSynthesis
  let said: string | null = null
  return {
    follow({ spoken, language }) {
      if (spoken === said) return
      said = spoken
      // What was said before is over, also when there is nothing to say now.
      synthesis?.cancel()
      const voice = synthesis?.getVoices().find(({ lang }) => isOf(lang, language))
      if (spoken === null || voice === undefined) return
      const utterance = new SpeechSynthesisUtterance(spoken)
      utterance.voice = voice
      utterance.lang = voice.lang
      synthesis.speak(utterance)
    },
  }
}

const isOf = (tag: string, language: string): boolean =>
  tag.toLowerCase().split(/[-_]/)[0] === language
