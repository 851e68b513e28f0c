/** Names the sentences by which an owner says that a visitor agreed. Other sentences, another name. */
import { createHash } from 'node:crypto'
import type { Language } from '../../protocol/messages/shared.ts'
import { translations } from './translations.ts'

export function consentWording(language: Language): string {
  const { remember, rememberHint } = translations[language].approvalPage
  const shown = `${remember}\n${rememberHint}`
  return `${language}-${createHash('sha256').update(shown).digest('hex').slice(0, 12)}`
}
