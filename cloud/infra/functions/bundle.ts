/** Bundles each function with everything it needs, without network or Docker. */
import { join } from 'node:path'
import { build, type Metafile, type Plugin } from 'esbuild'

const functionsFolder = join(import.meta.dirname, '../../functions')

/** The module that Lambda loads. */
export const entryOf = (name: string) => ({
  resolveDir: functionsFolder,
  contents: `
    import * as cloudFunction from './${name}.ts'
    import { startFunction } from '../aws/start-function.ts'
    export const handler = await startFunction(cloudFunction, process.env)`,
})

/**
 * Writes `<name>/index.mjs` for every function into the folder, and beside it the parts that the
 * function loads on demand. Functions share no files: each is uploaded by itself.
 */
export async function bundleFunctions(
  names: readonly string[],
  into: string,
): Promise<Readonly<Record<string, Metafile>>> {
  const metafiles: Record<string, Metafile> = {}
  // One at a time: each build keeps every processor busy.
  for (const name of names) metafiles[name] = await bundle(name, join(into, name))
  return metafiles
}

/**
 * Replaces `assets.ts` by the texts that it exports, because its compiler and source files are not
 * there when the function runs.
 */
export const inlineAssets: Plugin = {
  name: 'inline-assets',
  setup: ({ onLoad }) =>
    onLoad({ filter: /cloud\/pages\/assets\.ts$/ }, async ({ path }) => {
      const exported: object = await import(path)
      const lines = Object.entries(exported).map(
        ([name, text]) => `export const ${name} = ${JSON.stringify(text)}`,
      )
      return { contents: lines.join('\n') }
    }),
}

async function bundle(name: string, outdir: string): Promise<Metafile> {
  const { metafile } = await build({
    stdin: entryOf(name),
    entryNames: 'index',
    outdir,
    outExtension: { '.js': '.mjs' },
    bundle: true,
    splitting: true,
    minify: true,
    metafile: true,
    chunkNames: 'part-[hash]',
    format: 'esm',
    platform: 'node',
    target: 'node24',
    // ES modules first: their unused parts can be left out.
    mainFields: ['module', 'main'],
    plugins: [inlineAssets],
    legalComments: 'none',
    // web-push loads Node's own modules as CommonJS does.
    banner: {
      js: "import{createRequire}from'node:module';const require=createRequire(import.meta.url);",
    },
    logLevel: 'error',
  })
  return metafile
}
