/** Makes one small file of each function and everything it needs, without network or Docker. */
import { join } from 'node:path'
import { build, type Metafile } from 'esbuild'
import { leanSdk } from './lean-sdk.ts'

const functionsFolder = join(import.meta.dirname, '../../functions')

/**
 * Writes `<name>/index.mjs` for every function into the folder, and beside it what that one loads only
 * when an event needs it. Each has all it needs, for each is sent to AWS by itself.
 */
export async function bundleFunctions(
  names: readonly string[],
  into: string,
): Promise<Readonly<Record<string, Metafile>>> {
  const metafiles: Record<string, Metafile> = {}
  // One after the other: each keeps every processor busy by itself.
  for (const name of names) metafiles[name] = await bundle(name, join(into, name))
  return metafiles
}

async function bundle(name: string, outdir: string): Promise<Metafile> {
  const { metafile } = await build({
    entryPoints: [{ in: join(functionsFolder, `${name}.ts`), out: 'index' }],
    outdir,
    outExtension: { '.js': '.mjs' },
    ...{ bundle: true, splitting: true, minify: true, metafile: true },
    chunkNames: 'part-[hash]',
    format: 'esm',
    platform: 'node',
    target: 'node24',
    // Modules first: a module's unused parts can be left out.
    mainFields: ['module', 'main'],
    plugins: [leanSdk],
    legalComments: 'none',
    logLevel: 'error',
  })
  return metafile
}
