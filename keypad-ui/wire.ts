/**
 * Parses what the daemon sends. A page left open during an update may receive messages of another
 * version. A test compares these checks with the schemas in protocol/.
 */
import type { CodeAnswer, KeypadOptions, KeypadState } from '../protocol/keypad-api.ts'
import { isLanguage } from './translations/translations.ts'

type Visit = KeypadState['visit']

const locks = ['locked', 'unlocked'] as const
const keypads = ['ready', 'paused', 'clock-unknown', 'private', 'shut', 'out-of-order'] as const
const statuses = ['here', 'waiting-for-owner', 'code-sent', 'denied', 'no-answer'] as const

export function readState(text: string): KeypadState | null {
  const raw = parseJson(text)
  if (!isRecord(raw)) return null
  const { doorName, language, digits, lock, keypad, pausedForMs, online, scan } = raw
  const visit = readVisit(raw['visit'])
  const options = readOptions(raw['options'])
  if (typeof doorName !== 'string' || !isLanguage(language) || !isWhole(digits)) return null
  if (!isOneOf(locks, lock) || !isOneOf(keypads, keypad) || !isWhole(pausedForMs)) return null
  if (typeof online !== 'boolean' || visit === undefined || options === null) return null
  if (scan !== null && typeof scan !== 'string') return null
  return { doorName, language, digits, lock, keypad, pausedForMs, online, visit, scan, options }
}

function readOptions(raw: unknown): KeypadOptions | null {
  if (!isRecord(raw)) return null
  const { shuffle, longPress, speech } = raw
  const isValid =
    typeof shuffle === 'boolean' && typeof longPress === 'boolean' && typeof speech === 'boolean'
  return isValid ? { shuffle, longPress, speech } : null
}

function readVisit(raw: unknown): Visit | undefined {
  if (raw === null) return null
  if (!isRecord(raw)) return undefined
  const { number, status } = raw
  return isWhole(number) && isOneOf(statuses, status) ? { number, status } : undefined
}

export function readAnswer(text: string): CodeAnswer | null {
  const raw = parseJson(text)
  if (!isRecord(raw)) return null
  const { outcome, visitorName, language, unlockedForMs, pausedForMs } = raw
  if (outcome === 'accepted') {
    const isValid =
      typeof visitorName === 'string' && isLanguage(language) && isWhole(unlockedForMs)
    return isValid ? { outcome, visitorName, language, unlockedForMs } : null
  }
  if (outcome === 'not-opened') return isLanguage(language) ? { outcome, language } : null
  const isRefusal = outcome === 'denied' || outcome === 'paused'
  return isRefusal && isWhole(pausedForMs) ? { outcome, pausedForMs } : null
}

function parseJson(text: string): unknown {
  try {
    return JSON.parse(text)
  } catch {
    return undefined
  }
}

const isRecord = (value: unknown): value is Record<string, unknown> =>
  typeof value === 'object' && value !== null

const isWhole = (value: unknown): value is number => Number.isSafeInteger(value)

const isOneOf = <T extends string>(all: readonly T[], value: unknown): value is T =>
  all.some((one) => one === value)
