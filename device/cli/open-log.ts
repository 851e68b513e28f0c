/** The log for those who only look: says what is not there, and never tells anybody to make it. */

import { databasePath, readConfig } from '../config/config.ts'
import { type LogReader, StoreFault } from '../daemon/ports.ts'
import { openLogReader } from '../store/sqlite/store.ts'

export function openLog(configPath: string): LogReader {
  const config = readConfig(configPath)
  try {
    return openLogReader(databasePath(config))
  } catch (fault) {
    if (!(fault instanceof StoreFault) || !notThere.includes(fault.code)) throw fault
    const sentence = `There is no log in ${config.dataDir} yet: this door has never been started.`
    throw new StoreFault(fault.code, sentence, { cause: fault })
  }
}

const notThere = ['no-folder', 'no-store']
