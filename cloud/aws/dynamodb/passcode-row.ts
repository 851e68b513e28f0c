/** What a grant's item must look like to be believed. */
import * as z from 'zod/mini'
import { languageSchema } from '../../../protocol/messages/shared.ts'
import { passcodeDigits } from '../../../protocol/passcode.ts'
import type { Grant } from '../../passcodes/core/grant.ts'
import { orNull, type Reader, reader } from './rows.ts'

export const grantRow: Reader<Grant> = reader(
  'passcodes',
  z.object({
    household: z.string(),
    doorId: z.string(),
    grantId: z.string(),
    visitId: orNull(z.string()),
    visitorId: z.string(),
    visitorName: z.string(),
    language: languageSchema,
    digits: z.literal(passcodeDigits),
    notBeforeMs: z.int(),
    expiresAtMs: z.int(),
    storedAtMs: orNull(z.int()),
    textedAtMs: orNull(z.int()),
    closed: orNull(z.enum(['used', 'revoked'])),
    why: z.string(),
    countedFor: orNull(z.string()),
  }),
)

const placeRow = reader('passcodes', z.object({ sk: z.string().check(z.startsWith('code#')) }))

export const tagAt = (row: unknown): string => placeRow(row).sk.slice('code#'.length)

const withGrantId = z.object({ grantId: z.string() })

export const grantIdAt: Reader<{ grantId: string }> = reader('passcodes', withGrantId)

/** The one code that a visitor has in a visit. */
export const visitGrantAt: Reader<{ grantId: string }> = reader('visits', withGrantId)
