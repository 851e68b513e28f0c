/**
 * What browsers load besides the pages: style sheets and scripts, compiled from the `browser/`
 * folders. The bundler runs this file and puts its exports in its place, so that a deployed function
 * holds only the results (cloud/infra/functions/bundle.ts).
 */
import { readFileSync } from 'node:fs'
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
export const ringStyle = compiled('ring/browser/page.css')
export const consoleStyle = compiled('console/browser/page.css')
export const pinScript = compiled('pin/browser/page.ts')
export const approvalScript = compiled('approve/browser/page.ts')
const read = (file: string) => readFileSync(new URL(file, import.meta.url))
export const noticesScript = compiled('console/notices/browser/page.ts')
export const workerScript = compiled('console/notices/worker/worker.ts')
export const consoleIcon = read('console/browser/icon.svg').toString('utf8')
/** In Base64. */
export const consoleIcon180 = read('console/browser/icon-180.png').toString('base64')
export const consoleIcon512 = read('console/browser/icon-512.png').toString('base64')
export const consoleScript = compiled('console/browser/page.ts')
export const liveScript = compiled('console/browser/live.ts')
