/**
 * The template that `npm run deploy` would deploy, without the code of the functions. Synthesis takes
 * seconds, so its result is stored under a hash of everything that it depends on.
 */
import { execFile } from 'node:child_process'
import { createHash } from 'node:crypto'
import { existsSync, mkdirSync, readFileSync, renameSync } from 'node:fs'
import { dirname, join, resolve } from 'node:path'
import { fileURLToPath } from 'node:url'
import { promisify } from 'node:util'
import { parseTemplate, type Template, TemplateError } from './template.ts'

const root = fileURLToPath(new URL('../../..', import.meta.url))
const program = join(root, 'simulation/aws/cloudformation/synthesize.ts')
const cache = join(root, 'node_modules/.cache/smart-door-template')

/** Settings of the deployment that differ from those in cdk.json. */
type SettingChanges = Readonly<Record<string, unknown>>

export interface SynthesisOptions {
  readonly settings?: SettingChanges
  /** Called before a synthesis, which takes some seconds. */
  readonly preparing?: () => void
}

/** A process makes each template once. */
export function synthesized(options: SynthesisOptions = {}): Promise<Template> {
  const { settings = {}, preparing = () => {} } = options
  const key = JSON.stringify(settings)
  const template = templates.get(key) ?? read(settings, preparing)
  templates.set(key, template)
  template.catch(() => templates.delete(key))
  return template
}

const templates = new Map<string, Promise<Template>>()

async function read(settings: SettingChanges, preparing: () => void): Promise<Template> {
  const file = join(cache, `${keyOf(settings)}.json`)
  if (!existsSync(file)) {
    preparing()
    await synthesize(file, settings)
  }
  return parseTemplate(JSON.parse(readFileSync(file, 'utf8')))
}

/** Several programs may do this at the same time, so the file appears as a whole. */
async function synthesize(file: string, settings: SettingChanges): Promise<void> {
  mkdirSync(cache, { recursive: true })
  const unfinished = `${file}.${process.pid}`
  const run = promisify(execFile)
  await run(process.execPath, [program, unfinished, JSON.stringify(settings)], { cwd: root }).catch(
    (error: { stderr?: string }) => {
      throw new TemplateError(`The template cannot be made: ${error.stderr ?? error}`)
    },
  )
  renameSync(unfinished, file)
}

function keyOf(settings: SettingChanges): string {
  const hash = createHash('sha256').update(JSON.stringify(settings))
  const files = [join(root, 'package-lock.json'), join(root, 'cdk.json'), ...importsOf(program)]
  for (const file of files) hash.update(`\0${file.slice(root.length)}\0`).update(readFileSync(file))
  return hash.digest('hex').slice(0, 32)
}

/** A file and the project's files that it imports, directly or not. */
function importsOf(file: string, found = new Set<string>()): ReadonlySet<string> {
  if (found.has(file)) return found
  found.add(file)
  const imports = readFileSync(file, 'utf8').matchAll(/ from '(\.[^']+)'/g)
  for (const [, path = ''] of imports) importsOf(resolve(dirname(file), path), found)
  return found
}
