/**
 * What browsers load besides the pages: style sheets and scripts, compiled from the `browser/`
 * folders. The bundler runs this file and puts its exports in its place, so that a deployed function
 * holds only the results (cloud/infra/functions/bundle.ts).
 */
import { buildSync } from 'esbuild'

function compiled(file: string): string {
  const { outputFiles } = buildSync({
    entryPoints: [new URL(file, import.meta.url).pathname],
    bundle: true,
    minify: true,
    format: 'esm',
    write: false,
  })
  return outputFiles[0]?.text ?? ''
}

export const approvalStyle = compiled('approve/browser/page.css')
export const signInStyle = compiled('sign-in/browser/page.css')
export const consoleStyle = compiled('console/browser/page.css')
export const approvalScript = compiled('approve/browser/page.ts')
export const consoleScript = compiled('console/browser/page.ts')
export const liveScript = compiled('console/browser/live.ts')
