/** Reads a function's environment. A function with a bad environment does not start. */
import * as z from 'zod/mini'

const text = z.string().check(z.minLength(1))

const schema = z.object({
  VISITS_TABLE: text,
  VISITORS_TABLE: text,
  PASSCODES_TABLE: text,
  PHOTOS_BUCKET: text,
  CHECK_GRANT_QUEUE_URL: text,
  SETTLE_VISIT_QUEUE_URL: text,
  /** Where the pages are, as in `https://door.example`. */
  WEB_ORIGIN: text,
  /** What CloudFront adds to each request. Absent where the pages have no CloudFront. */
  FRONT_KEY: z.optional(text),
  MAIL_FROM: text,
  MAIL_CONFIGURATION_SET: z.optional(text),
  SMS_PROVIDER: z.enum(['sns', 'end-user-messaging']),
  /** A phone number, sender id or pool. Optional for SNS, which takes a sender id only. */
  SMS_ORIGIN: z.optional(z.string()),
  SMS_CONFIGURATION_SET: z.optional(text),
  /** Searched in the PATH by default. */
  FFMPEG_PATH: z.optional(text),
  /** Separated by commas. */
  CLAIMABLE_DOORS: text,
  /** The secret that the keys of pushes are made from, and whom push services may ask. */
  NOTICE_KEY: text,
  NOTICE_CONTACT: text,
  USER_POOL_ID: text,
  COGNITO_ISSUER: text,
  COGNITO_CLIENT_ID: text,
})

export type Settings = z.infer<typeof schema>
export type Setting = keyof Settings

/** As `process.env` is. */
export type Environment = Readonly<Record<string, string | undefined>>

/** Each function has only the settings that it needs. */
export function settingsIn<S extends Setting>(
  environment: Environment,
  ...wanted: readonly S[]
): Pick<Settings, S> {
  const found = wanted.map(
    (name) => [name, schema.shape[name].safeParse(environment[name])] as const,
  )
  const wrong = found.filter(([, { success }]) => !success).map(([name]) => name)
  if (wrong.length > 0) {
    throw new Error(
      `The environment lacks or misstates ${wrong.join(', ')}: deploy the stack again.`,
    )
  }
  // TypeScript cannot see that each name has the value of its own schema.
  return Object.fromEntries(found.map(([name, { data }]) => [name, data])) as Pick<Settings, S>
}
