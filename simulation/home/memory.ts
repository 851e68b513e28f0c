/**
 * What a home in a data folder restores at its next start, besides the door's database and the
 * tables: photos, faces, mails, texts, the timeline, and how far time was skipped.
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
import { timelineEntrySchema } from '../control-room/state.ts'
import type { HomeParts } from './home.ts'

const bytes = z.pipe(
  z.string(),
  z.transform((text) => new Uint8Array(Buffer.from(text, 'base64'))),
)
const strings = z.array(z.string())

const mailSchema = z.strictObject({
  messageId: z.string(),
  atMs: z.int(),
  from: z.string(),
  subject: z.string(),
  to: strings,
  cc: strings,
  bcc: strings,
  replyTo: strings,
  text: z.nullable(z.string()),
  html: z.nullable(z.string()),
  raw: z.nullable(bytes),
  attachments: z.array(
    z.strictObject({
      fileName: z.string(),
      contentType: z.string(),
      contentId: z.nullable(z.string()),
      inline: z.boolean(),
      bytes,
    }),
  ),
})

const owner = z.union([
  z.strictObject({ kind: z.literal('visitor'), visitorId: z.string() }),
  z.strictObject({ kind: z.literal('blocked'), blockId: z.string() }),
])

const rememberedSchema = z.strictObject({
  aheadMs: z.number(),
  /** Where the links in the mails lead. */
  webOrigin: z.optional(z.string()),
  mails: z.array(mailSchema),
  texts: z.array(z.strictObject({ atMs: z.int(), to: z.string(), text: z.string() })),
  timeline: z.array(timelineEntrySchema),
  faces: z.array(z.strictObject({ household: z.string(), jpeg: bytes, owner })),
})
export type Remembered = z.infer<typeof rememberedSchema>

interface RememberedFace {
  readonly household: string
  readonly jpeg: Uint8Array
  readonly owner: FaceOwner
}

type Memory = ReturnType<typeof openMemory>

const nothing: Remembered = { aheadMs: 0, mails: [], texts: [], timeline: [], faces: [] }

/** The pages may be on another port now; the links in old mails must still lead to them. */
export function leadingTo(webOrigin: string, remembered: Remembered): Remembered {
  const { webOrigin: before } = remembered
  if (before === undefined || before === webOrigin) return remembered
  const moved = (text: string | null) => text?.replaceAll(`${before}/`, `${webOrigin}/`) ?? null
  const mails = remembered.mails.map((mail) => ({
    ...mail,
    text: moved(mail.text),
    html: moved(mail.html),
  }))
  return { ...remembered, mails }
}

export function openMemory(folder: string) {
  const file = join(folder, 'outside.json')
  return {
    remembered: existsSync(file) ? read(file) : nothing,
    save(parts: HomeParts, faces: FaceMemory): void {
      const { clock, gateway, inbox, timeline, cloud } = parts
      const now = {
        aheadMs: clock.aheadMs(),
        webOrigin: gateway.origin,
        mails: inbox.mails(),
        texts: inbox.texts(),
        timeline: timeline.entries,
        faces: faces.known(),
      }
      writeFileSync(`${file}.new`, JSON.stringify(now, bytesAsText), { mode: 0o600 })
      renameSync(`${file}.new`, file)
      savePhotos(join(folder, 'photos'), cloud.aws.bucket(cloud.stack.ref('Photos')))
    },
  }
}

/** If this program is killed, no more than this much is lost. */
const saveEveryMs = 5_000

export interface Saving {
  /** Saves once more. */
  stop(): void
}

export function keepSaving(memory: Memory | null, parts: HomeParts, faces: FaceMemory): Saving {
  const save = () => memory?.save(parts, faces)
  const timer = setInterval(save, saveEveryMs).unref()
  return {
    stop() {
      clearInterval(timer)
      save()
    },
  }
}

/** A file of another version counts as none. */
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

const savedPrefixes = ['visitors/', 'faces/']

function savePhotos(folder: string, photos: Pick<Bucket, 'list'>): void {
  mkdirSync(folder, { recursive: true, mode: 0o700 })
  const objects = savedPrefixes.flatMap((prefix) => photos.list(prefix))
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

export interface FaceMemory {
  known(): readonly RememberedFace[]
  around(faces: Faces): Faces
}

/** Collections exist in the stand-in's memory only, so their photos are recorded here. */
export function faceMemory(): FaceMemory {
  const known = new Map<string, RememberedFace>()
  return {
    known: () => [...known.values()],
    around: (faces) => remembering(faces, known),
  }
}

function remembering(faces: Faces, known: Map<string, RememberedFace>): Faces {
  return {
    find: (jpeg) => faces.find(jpeg),
    search: (household, jpeg, leastSimilarity) => faces.search(household, jpeg, leastSimilarity),
    compare: (one, other) => faces.compare(one, other),
    list: (household) => faces.list(household),
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
