/**
 * Leaves out of a bundle what AWS's SDK carries along for other places than a Lambda function. The
 * code that stays is the SDK's own, unchanged in what it does; test/cloud/infra runs bundles made
 * this way against the same stand-in as the sources.
 */
import { readFileSync } from 'node:fs'
import { builtinModules } from 'node:module'
import { dirname, join } from 'node:path'
import type { OnLoadResult, Plugin } from 'esbuild'
import { withDirectImports } from './direct-imports.ts'

const here = (file: string): string => join(import.meta.dirname, file)

const inPlaceOf: readonly (readonly [what: RegExp, path: string])[] = [
  [/^@aws-sdk\/credential-provider-node$/, here('lambda-credentials.ts')],
  [/^@aws-sdk\/middleware-endpoint-discovery$/, here('no-endpoint-discovery.ts')],
  [/^@smithy\/core\/event-streams$/, here('no-event-streams.ts')],
  // Single files of the SDK, each named after the one function that it exports.
  [/\/AdaptiveRetryStrategy$/, here('no-adaptive-retries.ts')],
  [/\/(fromSharedConfigFiles|getInstanceMetadataRegion)$/, here('no-settings-elsewhere.ts')],
]

/** By either of their names, `https` or `node:https`. */
const builtin = new RegExp(`^(node:)?(${builtinModules.join('|')})$`)

export const leanSdk: Plugin = {
  name: 'lean-sdk',
  setup({ onLoad, onResolve, resolve }) {
    for (const [filter, path] of inPlaceOf) {
      onResolve({ filter }, () => ({ path, sideEffects: false }))
    }
    onResolve({ filter: builtin }, ({ path }) => ({
      ...{ path, namespace: 'builtin', sideEffects: false },
    }))
    onLoad({ filter: /./, namespace: 'builtin' }, ({ path }) => asItIs(path))
    onResolve({ filter: mayBeQuiet }, async ({ path, importer, resolveDir, kind, pluginData }) => {
      if (pluginData === askedAlready) return null
      const found = await resolve(path, { importer, resolveDir, kind, pluginData: askedAlready })
      return isQuiet(found.path) ? { ...found, sideEffects: false } : found
    })
    onLoad({ filter: /node_modules\/@(aws-sdk|smithy)\/.*\/dist-es\/.*\.js$/ }, ({ path }) => {
      const source = withDirectImports(readFileSync(path, 'utf8'), path)
      return { contents: schemas.test(path) ? leanSchemas(source, path) : source, loader: 'js' }
    })
    onLoad({ filter: /node_modules\/@(aws-sdk|smithy)\/.*package\.json$/ }, ({ path }) =>
      onlyVersion(path),
    )
  },
}

/**
 * These do nothing until they are called but do not say so, and all of them would be in every bundle
 * that has a part of them: our own files, and packages that forgot to say it.
 */
const mayBeQuiet = /^\.\.?\/.*\.ts$|^\.\/commands\/\w+Command$|^(jpeg-js|hono\/.*)$/
const quietPackage = /\/node_modules\/(jpeg-js|hono|@aws-sdk\/lib-dynamodb)\//
const ownFolders = ['cloud', 'protocol'].map((folder) => join(here('../../..'), folder, '/'))

const isQuiet = (path: string): boolean =>
  quietPackage.test(path) || ownFolders.some((folder) => path.startsWith(folder))

const askedAlready = 'asked already'

/**
 * An `import` of one of Node's own modules fetches all that it has to offer, `node:http` a whole
 * second HTTP client and `node:process` the standard input. Asked for this way, each part waits.
 */
const asItIs = (name: string): OnLoadResult => ({
  contents: `module.exports = process.getBuiltinModule('${name}')`,
})

// ---------------------------------------------------------------- descriptions of calls

const schemas = /\/schemas_\d+\.js$/

function leanSchemas(source: string, path: string): string {
  const names = new Map<string, string>()
  for (const [, name = '', text = ''] of source.matchAll(/^const (\w+) = ("[^"\\]*");$/gm)) {
    names.set(name, text)
  }
  return unnamedKeys(toldByName.test(path) ? onlyTellingErrors(source, names, path) : source, names)
}

type Names = ReadonlyMap<string, string>

/**
 * `{ [_h]: 1 }` becomes `{ "h": 1 }` where `_h` is "h" in the same file. To a bundler a computed key
 * might do anything, so it would keep the description of every call there is.
 */
const unnamedKeys = (source: string, names: Names): string =>
  source.replace(/\[(\w+)\]:/g, (key, name: string) => {
    const text = names.get(name)
    return text === undefined ? key : `${text}:`
  })

/** Clients whose errors our code tells apart by their names alone. */
export const toldByName =
  /client-(dynamodb|sesv2|sqs|iot-data-plane|kinesis-video|pinpoint-sms-voice-v2|secrets-manager)\//

const errorDescription =
  /export var (\w+)\$ = \[-3, \w+, \w+,\s*(\{[^}]*\}),\s*\[(\w*)\],\s*\[0?\]\s*\];\s*\w+\.registerError\(\1\$, \1\);/g

/**
 * The SDK has a class for every error of a service. One that is not known to it becomes an error of
 * the same name with the same message, which is all that most of those classes do.
 */
function onlyTellingErrors(source: string, names: Names, path: string): string {
  const retried = errorsTriedAgain(path)
  return source.replace(errorDescription, (description, name, traits, member) => {
    const tellsMore = !/^("message"|"Message"|)$/.test(names.get(member) ?? member)
    const isSpecial = !/^\{ \[_e\]: _[cs](, \[_hE\]: \d+)? \}$/.test(traits)
    return tellsMore || isSpecial || retried.has(name) ? description : ''
  })
}

/** Of those the class says more than the description, namely that the call may be repeated. */
function errorsTriedAgain(schemas: string): ReadonlySet<string> {
  const classes = readFileSync(join(dirname(schemas), '../models/errors.js'), 'utf8')
  const all = classes.split('export class ').filter((one) => one.includes('$retryable'))
  return new Set(all.map((one) => one.split(' ')[0] ?? ''))
}

/** Clients tell AWS their version and import all of their package's description for it. */
function onlyVersion(path: string): OnLoadResult {
  const described: unknown = JSON.parse(readFileSync(path, 'utf8'))
  return { contents: JSON.stringify({ version: Object(described).version }), loader: 'json' }
}
