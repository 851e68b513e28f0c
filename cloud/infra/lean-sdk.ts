/**
 * Leaves out of a bundle what AWS's SDK carries along for other places than a Lambda function. The
 * code that stays is the SDK's own, unchanged in what it does; test/cloud/infra runs bundles made
 * this way against the same stand-in as the sources.
 */
import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import type { OnLoadResult, Plugin } from 'esbuild'

const here = (file: string): string => join(import.meta.dirname, file)

const inPlaceOf: Readonly<Record<string, string>> = {
  '@aws-sdk/credential-provider-node': here('lambda-credentials.ts'),
  '@aws-sdk/middleware-endpoint-discovery': here('no-endpoint-discovery.ts'),
  '@smithy/core/event-streams': here('no-event-streams.ts'),
}

export const leanSdk: Plugin = {
  name: 'lean-sdk',
  setup({ onLoad, onResolve, resolve }) {
    for (const [packageName, path] of Object.entries(inPlaceOf)) {
      const filter = new RegExp(`^${packageName}$`)
      onResolve({ filter }, () => ({ path, sideEffects: false }))
    }
    // It does nothing until it is called but does not say so, and would be in every bundle.
    onResolve({ filter: /^jpeg-js$/ }, async ({ path, resolveDir, kind, pluginData }) => {
      if (pluginData === 'asked already') return null
      const found = await resolve(path, { resolveDir, kind, pluginData: 'asked already' })
      return { path: found.path, sideEffects: false }
    })
    onLoad({ filter: /dist-es\/schemas\/schemas_\d+\.js$/ }, ({ path }) => unnameKeys(path))
    onLoad({ filter: /node_modules\/@(aws-sdk|smithy)\/.*package\.json$/ }, ({ path }) =>
      onlyVersion(path),
    )
  },
}

/**
 * `{ [_h]: 1 }` becomes `{ "h": 1 }` where `_h` is "h" in the same file. To a bundler a computed key
 * might do anything, so it would keep the description of every call there is.
 */
function unnameKeys(path: string): OnLoadResult {
  const source = readFileSync(path, 'utf8')
  const names = new Map<string, string>()
  for (const [, name = '', text = ''] of source.matchAll(/^const (\w+) = ("[^"\\]*");$/gm)) {
    names.set(name, text)
  }
  const contents = source.replace(/\[(\w+)\]:/g, (key, name: string) => {
    const text = names.get(name)
    return text === undefined ? key : `${text}:`
  })
  return { contents, loader: 'js' }
}

/** Clients tell AWS their version and import all of their package's description for it. */
function onlyVersion(path: string): OnLoadResult {
  const described: unknown = JSON.parse(readFileSync(path, 'utf8'))
  return { contents: JSON.stringify({ version: Object(described).version }), loader: 'json' }
}
