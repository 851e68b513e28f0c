/** The child process of `strip-types.ts`: sources on standard input, scripts on standard output. */
import { stripTypeScriptTypes } from 'node:module'
import { text } from 'node:stream/consumers'
import { sourceEnd } from './strip-types.ts'

const sources = (await text(process.stdin)).split(sourceEnd)
process.stdout.write(sources.map((source) => stripTypeScriptTypes(source)).join(sourceEnd))
