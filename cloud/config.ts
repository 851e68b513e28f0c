/** The only reader of the environment on this side. A Lambda with a bad one does not start. */
import * as z from 'zod/mini'

const text = z.string().check(z.minLength(1))

const schema = z.object({
  VISITS_TABLE: text,
  VISITORS_TABLE: text,
  PASSCODES_TABLE: text,
  PHOTOS_BUCKET: text,
  CHECK_GRANT_QUEUE_URL: text,
  SETTLE_VISIT_QUEUE_URL: text,
  /** Where people reach the pages, such as `https://door.example`. */
  WEB_ORIGIN: text,
  MAIL_FROM: text,
  TEXTS: z.enum(['sns', 'end-user-messaging', 'notify']),
  /** A sender id, a pool or a Notify configuration, as the service wants it; SNS needs none. */
  SMS_ORIGIN: z.optional(z.string()),
  SMS_TEMPLATE_ID: z.optional(z.string()),
  /** For pictures out of video; found by its name when nothing is said. */
  FFMPEG_PATH: z.optional(text),
  /** With commas between them. */
  CLAIMABLE_DOORS: text,
  COGNITO_ISSUER: text,
  COGNITO_CLIENT_ID: text,
})

type Environment = z.infer<typeof schema>
type Setting = keyof Environment

/** Each function is given only what it needs, and asks for only that. */
export function settings<S extends Setting>(...wanted: readonly S[]): Pick<Environment, S> {
  const found = wanted.map(
    (name) => [name, schema.shape[name].safeParse(process.env[name])] as const,
  )
  const wrong = found.filter(([, { success }]) => !success).map(([name]) => name)
  if (wrong.length > 0) {
    throw new Error(
      `The environment lacks or misstates ${wrong.join(', ')}: deploy the stack again.`,
    )
  }
  // The compiler cannot follow that each name got its own schema's value.
  return Object.fromEntries(found.map(([name, { data }]) => [name, data])) as Pick<Environment, S>
}
