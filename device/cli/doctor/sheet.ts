/** How many codes of the break-glass sheet are left. */
import { existsSync } from 'node:fs'
import { databasePath } from '../../config/config.ts'
import { openLogReader } from '../../store/sqlite/store.ts'
import { type Check, ok, warning } from './finding.ts'

const fewCodes = 3
const toPrint = 'sudo smart-door break-glass'

/** What is wrong with the database, its own check says. */
export const sheetFinding: Check = ({ config }) => {
  const path = databasePath(config)
  const found = existsSync(path) ? sheetIn(path) : null
  if (!found) return null
  const { left, used } = found
  if (left + used === 0) return ok(`There is no sheet. To print one: ${toPrint}`)
  const sentence = `Codes left on the break-glass sheet: ${left}.`
  return left < fewCodes ? warning(sentence, `Print a new one: ${toPrint}`) : ok(sentence)
}

function sheetIn(path: string) {
  try {
    const log = openLogReader(path)
    try {
      return log.sheet()
    } finally {
      log.close()
    }
  } catch {
    return null
  }
}
