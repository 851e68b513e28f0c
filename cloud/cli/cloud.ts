/** The program behind `npm run cloud`. What it can do is in `main.ts`. */
import { main } from './main.ts'

process.exit(await main(process.argv.slice(2), process))
