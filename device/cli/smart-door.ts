/** The program `smart-door`. What it can do is in `main.ts`. */
import { main } from './main.ts'

const code = await main(process.argv.slice(2), process)
// The daemon has no exit code yet: it runs.
if (code !== undefined) process.exit(code)
