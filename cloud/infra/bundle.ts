/** Makes one small file of one function and everything it needs. Works without network or Docker. */
import { mkdirSync } from 'node:fs'
import { join } from 'node:path'
import { buildSync } from 'esbuild'

const functionsFolder = join(import.meta.dirname, '../functions')

/** Packages that are not modules yet still ask for `require`. */
const banner = "import{createRequire as r}from'node:module';const require=r(import.meta.url);"

/** Returns the folder that it wrote `index.mjs` into. */
export function bundleFunction(name: string, into: string): string {
  const folder = join(into, name)
  mkdirSync(folder, { recursive: true })
  buildSync({
    entryPoints: [join(functionsFolder, `${name}.ts`)],
    outfile: join(folder, 'index.mjs'),
    bundle: true,
    minify: true,
    format: 'esm',
    platform: 'node',
    target: 'node24',
    // Modules first: a module's unused parts can be left out.
    mainFields: ['module', 'main'],
    legalComments: 'none',
    banner: { js: banner },
    logLevel: 'error',
  })
  return folder
}
