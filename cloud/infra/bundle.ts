/** Makes one small file of each function and everything it needs, without network or Docker. */
import { join } from 'node:path'
import { type BuildResult, build } from 'esbuild'
import { leanSdk } from './lean-sdk.ts'

const functionsFolder = join(import.meta.dirname, '../functions')

/** Packages that are not modules yet still ask for `require`. */
const banner = "import{createRequire as r}from'node:module';const require=r(import.meta.url);"

/** Writes `<name>/index.mjs` for every function into the folder. */
export const bundleFunctions = (
  names: readonly string[],
  into: string,
): Promise<BuildResult<{ metafile: true }>> =>
  build({
    entryPoints: names.map((name) => ({
      in: join(functionsFolder, `${name}.ts`),
      out: `${name}/index`,
    })),
    outdir: into,
    outExtension: { '.js': '.mjs' },
    bundle: true,
    minify: true,
    format: 'esm',
    platform: 'node',
    target: 'node24',
    // Modules first: a module's unused parts can be left out.
    mainFields: ['module', 'main'],
    plugins: [leanSdk],
    legalComments: 'none',
    banner: { js: banner },
    metafile: true,
    logLevel: 'error',
  })
