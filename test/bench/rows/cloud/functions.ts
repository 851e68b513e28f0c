/** How much processor time each Lambda function takes to load before its first event. */
import { execFile } from 'node:child_process'
import { join } from 'node:path'
import { promisify } from 'node:util'
import { build, type Metafile } from 'esbuild'
import { bundleFunctions, entryOf, inlineAssets } from '../../../../cloud/infra/functions/bundle.ts'
import { functionNames } from '../../../../cloud/infra/functions/functions.ts'
import { median } from '../../support/figures.ts'
import { type Row, rowOf } from '../../support/row.ts'
import type { Workshop } from '../../support/workshop.ts'

const run = promisify(execFile)
const full = { rounds: 9 }
const quick = { rounds: 1 }

const initTarget = 1.2
const peerIs = 'the same function, plain esbuild with splitting'

export async function benchFunctions(workshop: Workshop): Promise<Row[]> {
  const { rounds } = workshop.quick ? quick : full
  const names = workshop.quick
    ? ['first-login']
    : functionNames({ recognition: 'snapshots', claimableDoors: [] })
  workshop.say(`functions: ${rounds} starts of ${names.length} functions, each beside its peer`)
  const [ourFolder, peerFolder] = [workshop.folder('ours'), workshop.folder('peers')]
  const bundled = await bundleFunctions(names, ourFolder)
  const rows: Row[] = []
  for (const name of names) {
    await bundlePlainly(name, join(peerFolder, name))
    workshop.say(`functions: ${name}`)
    const ours: number[] = []
    const peers: number[] = []
    for (let round = 0; round < rounds; round += 1) {
      ours.push(await initCpuMs(join(ourFolder, name, 'index.mjs')))
      peers.push(await initCpuMs(join(peerFolder, name, 'index.mjs')))
    }
    rows.push(
      rowOf({
        row: `function init CPU, ${name}`,
        unit: 'ms',
        ours: median(ours),
        peer: median(peers),
        peerIs,
        target: initTarget,
        figures: sizesOf(bundled[name]?.outputs ?? {}),
      }),
    )
  }
  return rows
}

/** esbuild as its manual shows it for Node, with splitting and the assets that the pages need. */
const bundlePlainly = (name: string, outdir: string) =>
  build({
    stdin: entryOf(name),
    entryNames: 'index',
    outdir,
    outExtension: { '.js': '.mjs' },
    bundle: true,
    splitting: true,
    format: 'esm',
    platform: 'node',
    plugins: [inlineAssets],
    banner: {
      js: "import { createRequire as createRequireForBundle } from 'node:module'; const require = createRequireForBundle(import.meta.url);",
    },
    logLevel: 'error',
  })

/** Loading a function calls nothing in AWS, so any values do. */
const settings = {
  VISITS_TABLE: 'a',
  VISITORS_TABLE: 'a',
  PASSCODES_TABLE: 'a',
  PHOTOS_BUCKET: 'a',
  CHECK_GRANT_QUEUE_URL: 'https://a.test/a',
  SETTLE_VISIT_QUEUE_URL: 'https://a.test/a',
  WEB_ORIGIN: 'https://a.test',
  MAIL_FROM: 'a@a.test',
  SMS_PROVIDER: 'sns',
  COGNITO_ISSUER: 'https://a.test/a',
  COGNITO_CLIENT_ID: 'a',
  AWS_REGION: 'eu-central-1',
}

const program = `
const before = process.cpuUsage()
await import(process.argv[1])
const { user, system } = process.cpuUsage(before)
console.log((user + system) / 1_000)`

/** In a new process, so that nothing is left of an earlier start. */
async function initCpuMs(file: string): Promise<number> {
  const args = ['--input-type=module', '-e', program, file]
  const { stdout } = await run(process.execPath, args, { env: settings })
  return Number(stdout.trim())
}

function sizesOf(outputs: Metafile['outputs']) {
  const atStartKB = kilobytesOf(outputs, loadedAtStart(outputs))
  return { atStartKB, onDemandKB: kilobytesOf(outputs, Object.keys(outputs)) - atStartKB }
}

const kilobytesOf = (outputs: Metafile['outputs'], paths: Iterable<string>): number =>
  [...paths].reduce((sum, path) => sum + (outputs[path]?.bytes ?? 0) / 1_000, 0)

function loadedAtStart(outputs: Metafile['outputs']): ReadonlySet<string> {
  const found = new Set(Object.keys(outputs).filter((path) => path.endsWith('/index.mjs')))
  // A set's iterator also visits what is added during the loop.
  for (const path of found) {
    for (const { kind, path: next } of outputs[path]?.imports ?? []) {
      if (kind === 'import-statement') found.add(next)
    }
  }
  return found
}
