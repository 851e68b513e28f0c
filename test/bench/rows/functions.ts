/** How large each Lambda function is, and how long Node takes to load it before its first event. */
import { execFile } from 'node:child_process'
import { join } from 'node:path'
import { promisify } from 'node:util'
import { build, type Metafile } from 'esbuild'
import { bundleFunctions } from '../../../cloud/infra/functions/bundle.ts'
import { duties, functionNames } from '../../../cloud/infra/functions/duties.ts'
import { median } from '../support/figures.ts'
import { type Row, rowOf } from '../support/row.ts'
import { projectFolder, type Workshop } from '../support/workshop.ts'

const run = promisify(execFile)
const full = { rounds: 15 }
const quick = { rounds: 1 }

const initTarget = 0.35
const bundleLimitKb = 250

/** What many a function is made of: four clients, bundled as esbuild does by itself. */
const peerSource = `
export { DynamoDBClient, PutItemCommand } from '@aws-sdk/client-dynamodb'
export { S3Client, GetObjectCommand } from '@aws-sdk/client-s3'
export { SESv2Client, SendEmailCommand } from '@aws-sdk/client-sesv2'
export { SNSClient, PublishCommand } from '@aws-sdk/client-sns'`

export async function benchFunctions(workshop: Workshop): Promise<Row[]> {
  const { rounds } = workshop.quick ? quick : full
  const names = workshop.quick
    ? ['first-login']
    : functionNames({ recognition: 'snapshots', claimableDoors: [] })
  workshop.say(`functions: ${rounds} starts of ${names.length} functions and a peer`)
  const folder = workshop.folder('functions')
  const bundled = await bundleFunctions(names, folder)
  const peer = await bundlePeer(folder)
  const samples = new Map<string, number[]>([...names, peerName].map((name) => [name, []]))
  for (let round = 0; round < rounds; round += 1) {
    samples.get(peerName)?.push(await initMs(peer))
    for (const name of names) samples.get(name)?.push(await initMs(fileOf(folder, name)))
  }
  const medianOf = (name: string) => median(samples.get(name) ?? [])
  return names.flatMap((name) => {
    const kilobytes = contentsOf(bundled[name]?.outputs)
    return [
      initRow(name, medianOf(name), medianOf(peerName), kilobytes),
      ...sizeRow(name, kilobytes),
    ]
  })
}

const peerName = 'a 4-client SDK bundle'
const fileOf = (folder: string, name: string): string => join(folder, name, 'index.mjs')

async function bundlePeer(folder: string): Promise<string> {
  const outfile = fileOf(folder, 'peer')
  await build({
    stdin: { contents: peerSource, resolveDir: projectFolder },
    ...{ outfile, bundle: true, minify: true, format: 'esm', platform: 'node', target: 'node24' },
    banner: {
      js: "import{createRequire as r}from'node:module';const require=r(import.meta.url);",
    },
    logLevel: 'error',
  })
  return outfile
}

/** Any value does: nothing is asked of AWS before the first event. */
const settings = {
  ...{ VISITS_TABLE: 'a', VISITORS_TABLE: 'a', PASSCODES_TABLE: 'a', PHOTOS_BUCKET: 'a' },
  ...{ CHECK_GRANT_QUEUE_URL: 'https://a.test/a', SETTLE_VISIT_QUEUE_URL: 'https://a.test/a' },
  ...{ WEB_ORIGIN: 'https://a.test', MAIL_FROM: 'a@a.test', TEXTS: 'sns' },
  ...{ COGNITO_ISSUER: 'https://a.test/a', COGNITO_CLIENT_ID: 'a', AWS_REGION: 'eu-central-1' },
}

const program = `
const startedAt = performance.now()
await import(process.argv[1])
console.log(performance.now() - startedAt)`

/** In a Node of its own, without anything that an earlier start left behind. */
async function initMs(file: string): Promise<number> {
  const args = ['--input-type=module', '-e', program, file]
  const { stdout } = await run(process.execPath, args, { env: settings })
  return Number(stdout.trim())
}

// ---------------------------------------------------------------- rows

type Kilobytes = Readonly<Record<'kB' | 'laterKB' | 'sdkKB' | 'zodKB' | 'ownKB' | 'restKB', number>>

/** Of what is loaded before the first event; what waits for an event that needs it is beside it. */
function contentsOf(outputs: Metafile['outputs'] = {}): Kilobytes {
  const atStart = loadedAtStart(outputs)
  const of = (pattern: RegExp) =>
    atStart
      .flatMap(({ inputs }) => Object.entries(inputs))
      .filter(([path]) => pattern.test(path))
      .reduce((sum, [, { bytesInOutput }]) => sum + bytesInOutput / 1_000, 0)
  const kB = kilobytesOf(atStart)
  const sdkKB = of(/node_modules\/@(aws-sdk|aws|smithy)\//)
  const [zodKB, ownKB] = [of(/node_modules\/zod\//), of(/^(?!.*node_modules)/)]
  const laterKB = kilobytesOf(Object.values(outputs)) - kB
  return { kB, laterKB, sdkKB, zodKB, ownKB, restKB: kB - sdkKB - zodKB - ownKB }
}

type Output = Metafile['outputs'][string]

const kilobytesOf = (outputs: readonly Output[]): number =>
  outputs.reduce((sum, { bytes }) => sum + bytes / 1_000, 0)

function loadedAtStart(outputs: Metafile['outputs']): readonly Output[] {
  const found = new Set(Object.keys(outputs).filter((path) => path.endsWith('/index.mjs')))
  // A set hands out what is added to it meanwhile, too.
  for (const path of found) {
    for (const { kind, path: next } of outputs[path]?.imports ?? []) {
      if (kind === 'import-statement') found.add(next)
    }
  }
  return [...found].flatMap((path) => outputs[path] ?? [])
}

const initRow = (name: string, ours: number, peer: number, figures: Kilobytes): Row =>
  rowOf({
    row: `function init, ${name}`,
    ...{ unit: 'ms', ours, peer, peerIs: peerName, target: initTarget, figures },
  })

/** S3 and Rekognition are large by themselves, so whoever needs them is only told about. */
function sizeRow(name: string, figures: Kilobytes): readonly Row[] {
  const duty = Object.entries(duties).find(([one]) => one === name)?.[1]
  const isLarge = duty?.may.some((permission) => /face|photo|still|upload/.test(permission))
  if (isLarge) return []
  const row = `function bundle, ${name}`
  return [
    rowOf({ row, unit: 'kB', ours: figures.kB, peer: bundleLimitKb, peerIs: 'limit', figures }),
  ]
}
