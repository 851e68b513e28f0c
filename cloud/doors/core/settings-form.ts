/** The settings of a door as an owner may change them, and as a form sends them. */
import * as z from 'zod/mini'
import {
  heldOpenLimitsMs,
  type Settings,
  settingsSchema,
  unlockHoldLimitsMs,
} from '../../../protocol/messages/cloud.ts'
import type { Language } from '../../../protocol/messages/shared.ts'
import { oneTimeDigits } from '../../../protocol/passcode.ts'
import { nameProblem } from '../../visitors/core/visitor-form.ts'

/** Shorter codes could be guessed. */
export const ownersSettings = z.extend(settingsSchema, { passcodeDigits: z.literal(oneTimeDigits) })

export interface TypedSettings {
  readonly name: string
  readonly unlockSeconds: string
  readonly heldOpenSeconds: string
  readonly language: Language
  readonly timeZone: string
}

/** Those that are typed. */
export type SettingsField = Exclude<keyof TypedSettings, 'language'>

type Checked =
  | { readonly ok: true; readonly name: string; readonly settings: Settings }
  | { readonly ok: false; readonly wrong: readonly SettingsField[] }

export const typedSettings = (name: string, settings: Settings): TypedSettings => ({
  name,
  unlockSeconds: String(settings.unlockHoldMs / 1_000),
  heldOpenSeconds: String(settings.heldOpenAfterMs / 1_000),
  language: settings.language,
  timeZone: settings.timeZone,
})

const fields: Readonly<Record<string, SettingsField>> = {
  unlockHoldMs: 'unlockSeconds',
  heldOpenAfterMs: 'heldOpenSeconds',
  timeZone: 'timeZone',
}

export function checkSettings(typed: TypedSettings): Checked {
  const name = typed.name.trim()
  const result = z.safeParse(ownersSettings, {
    unlockHoldMs: msOf(typed.unlockSeconds),
    heldOpenAfterMs: msOf(typed.heldOpenSeconds),
    passcodeDigits: oneTimeDigits,
    language: typed.language,
    timeZone: typed.timeZone.trim(),
  })
  const issues = result.error?.issues ?? []
  const wrong = issues.flatMap(({ path: [field] }) => fields[String(field)] ?? [])
  const all = nameProblem(name) === null ? wrong : (['name', ...wrong] as const)
  return result.success && all.length === 0
    ? { ok: true, name, settings: result.data }
    : { ok: false, wrong: all }
}

/** Also `2,5`, as Germans write it. */
const msOf = (seconds: string): number => {
  const text = seconds.trim().replace(',', '.')
  return /^\d+(\.\d+)?$/.test(text) ? Math.round(Number(text) * 1_000) : Number.NaN
}

const inSeconds = ({ least, most }: { readonly least: number; readonly most: number }) => ({
  least: least / 1_000,
  most: most / 1_000,
})
export const secondsAllowed = {
  unlockSeconds: inSeconds(unlockHoldLimitsMs),
  heldOpenSeconds: inSeconds(heldOpenLimitsMs),
}
