/**
 * What a home in a folder of its own knows again when it is started anew, beside the door's database
 * and the tables: photos, faces, mails, texts, what happened, and how far time was skipped.
 */
import {
  existsSync,
  mkdirSync,
  readdirSync,
  readFileSync,
  renameSync,
  rmSync,
  writeFileSync,
} from 'node:fs'
import { join } from 'node:path'
import * as z from 'zod/mini'
import type { Faces } from '../../cloud/ports.ts'
import type { FaceOwner } from '../../cloud/visits/core/sighting.ts'
import type { Bucket } from '../aws/s3/objects.ts'
import type { SentMail } from '../aws/ses.ts'
import type { ArrivedText } from '../cloud/inbox.ts'
import { timelineEntrySchema } from '../control-room/state.ts'

const bytes = z.pipe(
  z.string(),
  z.transform((text) => new Uint8Array(Buffer.from(text, 'base64'))),
)
const strings = z.array(z.string())

const mailSchema = z.strictObject({
  ...{ messageId: z.string(), atMs: z.int(), from: z.string(), subject: z.string() },
  ...{ to: strings, cc: strings, bcc: strings, replyTo: strings },
  ...{ text: z.nullable(z.string()), html: z.nullable(z.string()), raw: z.nullable(bytes) },
  attachments: z.array(
    z.strictObject({
      ...{ fileName: z.string(), contentType: z.string(), inline: z.boolean(), bytes },
      contentId: z.nullable(z.string()),
    }),
  ),
})

const owner = z.union([
  z.strictObject({ kind: z.literal('visitor'), visitorId: z.string() }),
  z.strictObject({ kind: z.literal('blocked'), blockId: z.string() }),
])

const rememberedSchema = z.strictObject({
  aheadMs: z.number(),
  /** Where the links in the mails lead to. */
  webOrigin: z.optional(z.string()),
  mails: z.array(mailSchema),
  texts: z.array(z.strictObject({ atMs: z.int(), to: z.string(), text: z.string() })),
  timeline: z.array(timelineEntrySchema),
  faces: z.array(z.strictObject({ household: z.string(), jpeg: bytes, owner })),
})
export type Remembered = z.infer<typeof rememberedSchema>

export interface RememberedFace {
  readonly household: string
  readonly jpeg: Uint8Array
  readonly owner: FaceOwner
}

export interface Memory {
  readonly remembered: Remembered
  save(now: Now): void
}

/** What is there to remember. */
export interface Now {
  readonly aheadMs: number
  readonly webOrigin: string
  readonly mails: readonly SentMail[]
  readonly texts: readonly ArrivedText[]
  readonly timeline: Remembered['timeline']
  readonly faces: readonly RememberedFace[]
  readonly photos: Pick<Bucket, 'list'>
}

const nothing: Remembered = { aheadMs: 0, mails: [], texts: [], timeline: [], faces: [] }

/** The pages are on another port now, and what was mailed about them still has to lead there. */
export function leadingTo(webOrigin: string, remembered: Remembered): Remembered {
  const { webOrigin: before } = remembered
  if (before === undefined || before === webOrigin) return remembered
  const moved = (text: string | null) => text?.replaceAll(`${before}/`, `${webOrigin}/`) ?? null
  const mails = remembered.mails.map((mail) => ({
    ...{ ...mail, text: moved(mail.text), html: moved(mail.html) },
  }))
  return { ...remembered, mails }
}

export function openMemory(folder: string): Memory {
  const file = join(folder, 'outside.json')
  return {
    remembered: existsSync(file) ? read(file) : nothing,
    save({ photos, ...now }) {
      writeFileSync(`${file}.new`, JSON.stringify(now, bytesAsText), { mode: 0o600 })
      renameSync(`${file}.new`, file)
      savePhotos(join(folder, 'photos'), photos)
    },
  }
}

/** A file that somebody else wrote, or an older version, is as good as none. */
function read(file: string): Remembered {
  try {
    return rememberedSchema.parse(JSON.parse(readFileSync(file, 'utf8')))
  } catch {
    return nothing
  }
}

const bytesAsText = (_name: string, value: unknown): unknown =>
  value instanceof Uint8Array ? Buffer.from(value).toString('base64') : value

// ---------------------------------------------------------------- photos

const keptPrefixes = ['visitors/', 'faces/']

function savePhotos(folder: string, photos: Pick<Bucket, 'list'>): void {
  mkdirSync(folder, { recursive: true, mode: 0o700 })
  const objects = keptPrefixes.flatMap((prefix) => photos.list(prefix))
  const names = new Map(objects.map(({ key, bytes }) => [encodeURIComponent(key), bytes]))
  const there = new Set(readdirSync(folder))
  for (const name of there) if (!names.has(name)) rmSync(join(folder, name))
  for (const [name, content] of names) {
    if (!there.has(name)) writeFileSync(join(folder, name), content, { mode: 0o600 })
  }
}

export function restorePhotos(home: string, bucket: Pick<Bucket, 'put'>): void {
  const folder = join(home, 'photos')
  if (!existsSync(folder)) return
  for (const name of readdirSync(folder)) {
    const content = readFileSync(join(folder, name))
    const key = decodeURIComponent(name)
    bucket.put({ key, bytes: content, contentType: 'image/jpeg', metadata: {}, headers: {} }, 'Put')
  }
}

// ---------------------------------------------------------------- faces

export interface RememberingFaces extends Faces {
  known(): readonly RememberedFace[]
}

/** Collections live in the stand-in's memory only, so what was put into them is kept beside. */
export function rememberingFaces(faces: Faces): RememberingFaces {
  const known = new Map<string, RememberedFace>()
  return {
    ...faces,
    known: () => [...known.values()],
    async remember(household, jpeg, owner) {
      const faceIds = await faces.remember(household, jpeg, owner)
      for (const faceId of faceIds) known.set(faceId, { household, jpeg, owner })
      return faceIds
    },
    async forget(household, faceIds) {
      await faces.forget(household, faceIds)
      for (const faceId of faceIds) known.delete(faceId)
    },
  }
}
