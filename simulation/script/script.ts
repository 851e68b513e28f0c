/** The format of a visit script: steps that people take, troubles, and expectations. */
import * as z from 'zod/mini'
import { troubleSchema } from '../scenes/troubles.ts'
import { unfit } from './schema-words.ts'

const text = z.string().check(z.minLength(1))
const optional = z.optional

const ownersAnswer = z.strictObject({
  decision: z.enum(['allow', 'deny']),
  /** The first mail is 1; the last one when none is named. */
  mail: optional(z.int().check(z.positive())),
  ...{ visitNumber: optional(text), name: optional(text), phone: optional(z.string()) },
  ...{ email: optional(text), language: optional(text), validity: optional(text) },
  ...{ remembersFace: optional(z.boolean()), blockFace: optional(z.boolean()) },
  /** Part of the heading of the next page. */
  says: optional(text),
})

/** Every field must hold within some seconds; `never` must not have happened at all. */
const expectation = z.strictObject({
  lock: optional(z.enum(['open', 'closed'])),
  contact: optional(z.enum(['open', 'closed'])),
  online: optional(z.boolean()),
  keypad: optional(z.enum(['ready', 'paused', 'clock-unknown', 'private', 'shut'])),
  /** Number of arrivals since the start. */
  mails: optional(z.int()),
  texts: optional(z.int()),
  /** How often the lock opened since the start. */
  opened: optional(z.int()),
  /** A part of the heading on the phone that scanned. */
  phone: optional(text),
  /** Of the newest visit. */
  visit: optional(z.strictObject({ state: optional(text), reason: optional(text) })),
  /** A part of a sentence of the timeline. */
  happened: optional(text),
  never: optional(text),
})
export type Expectation = z.infer<typeof expectation>

const stepSchemas = [
  z.strictObject({ arrive: text }),
  z.strictObject({ leave: z.union([z.literal(true), text]) }),
  z.strictObject({ bell: z.literal(true) }),
  z.strictObject({ exitButton: z.literal(true) }),
  z.strictObject({ contact: z.enum(['open', 'closed']) }),
  /** With a phone: scans what the keypad shows, types a name and rings. */
  z.strictObject({ scan: z.strictObject({ name: text }) }),
  z.strictObject({
    /** Digits; or `sheet`, the next code of the break-glass sheet; or `on-phone`, what the page of the phone that scanned shows; or `texted`, the newest text's; or `texted-before`, the one before; or `wrong`. */
    press: z.union([
      z.enum(['sheet', 'on-phone', 'texted', 'texted-before', 'wrong']),
      text.check(z.regex(/^\d+$/)),
    ]),
    outcome: z.enum(['accepted', 'denied', 'paused']),
  }),
  /** The owner sets a PIN for someone, who is on file from then on. */
  z.strictObject({
    pin: z.strictObject({
      ...{ name: text, code: text, duress: optional(z.boolean()) },
      /** It opens in so many visits. */
      visits: optional(z.int().check(z.positive())),
    }),
  }),
  /** The owner sets the mode in the console, for so many hours; `open`: without an end. */
  z.strictObject({ mode: z.strictObject({ mode: text, hours: text }) }),
  /** The owner prints a break-glass sheet in the console. */
  z.strictObject({ sheet: z.literal(true) }),
  z.strictObject({ answer: ownersAnswer }),
  z.strictObject({ scanMail: z.literal(true) }),
  z.strictObject({ unlock: z.enum(['done', 'unreachable']) }),
  z.strictObject({ network: z.enum(['cut', 'up']) }),
  z.strictObject({ powerCut: z.literal(true) }),
  z.strictObject({ trouble: troubleSchema }),
  /** Skips time, in seconds. */
  z.strictObject({ pass: z.number().check(z.positive()) }),
  /** Sets only the door's clock wrong, in seconds. */
  z.strictObject({ doorClock: z.number() }),
  z.strictObject({ expect: expectation }),
] as const
const stepSchema = z.union(stepSchemas)
export type Step = z.infer<typeof stepSchema>

const scriptSchema = z.strictObject({
  title: text,
  /** `ntp`: a door without a clock that runs while it is off, as a Raspberry Pi. */
  clock: optional(z.enum(['host', 'ntp'])),
  steps: z.array(stepSchema).check(z.minLength(1)),
})
export type VisitScript = z.infer<typeof scriptSchema>

export type ReadScript =
  | { readonly ok: true; readonly script: VisitScript }
  | { readonly ok: false; readonly mistake: string }

export function readScript(content: string): ReadScript {
  let raw: unknown
  try {
    raw = JSON.parse(content)
  } catch {
    return { ok: false, mistake: 'it is not valid JSON.' }
  }
  const { success, data, error } = scriptSchema.safeParse(raw)
  if (success) return { ok: true, script: data }
  const [what, nth] = error.issues[0]?.path ?? []
  const steps = stepsSchema.safeParse(raw).data?.steps ?? []
  return {
    ok: false,
    mistake:
      what === 'steps' && typeof nth === 'number'
        ? `step ${nth + 1}: ${mistakeInStep(steps[nth])}`
        : notUnderstood('a script', scriptSchema, error),
  }
}

const stepsSchema = z.object({ steps: z.array(z.unknown()) })
const anyObject = z.record(z.string(), z.unknown())

/** A step's first field is its name. */
function mistakeInStep(step: unknown): string {
  const words = Object.keys(anyObject.safeParse(step).data ?? {})
  const wordsOf = (schema: (typeof stepSchemas)[number]) => Object.keys(schema.shape)
  const schema = stepSchemas.find((one) => wordsOf(one).includes(words[0] ?? ''))
  if (!schema) {
    const known = stepSchemas.map((one) => wordsOf(one)[0]).join(', ')
    return `there is no step ${JSON.stringify(words[0] ?? step)}. There are: ${known}.`
  }
  const { success, error } = schema.safeParse(step)
  return success ? 'it is not understood.' : notUnderstood('this step', schema, error)
}

function notUnderstood(what: string, schema: z.core.$ZodType, error: z.core.$ZodError): string {
  const { at, wanted } = unfit(schema, error)
  return `${at || what} is not understood. It takes ${wanted}.`
}
