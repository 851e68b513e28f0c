/** `smart-door break-glass`: asks the running daemon for a new sheet, and prints it. */
import * as z from 'zod/mini'
import { inFours } from '../../protocol/break-glass.ts'
import type { Io } from '../../terminal/command-line.ts'
import { isConfirmed } from '../../terminal/confirmation.ts'
import { readConfig } from '../config/config.ts'
import { askDaemon, Unanswered } from '../control/client.ts'
import { sheetReplySchema } from '../control/messages.ts'

const question =
  'A new sheet ends the one before: its codes do not open the door any more. Make a new one?'

export async function breakGlass(
  configPath: string,
  { yes }: { readonly yes: boolean },
  io: Io,
): Promise<number> {
  const { doorName } = readConfig(configPath)
  const fail = (sentence: string): number => {
    io.stderr.write(`${sentence}\n`)
    return 1
  }
  if (!yes && !(await isConfirmed(question, io))) return fail('Nothing was changed.')
  try {
    const folder = process.env['RUNTIME_DIRECTORY'] ?? '/run/smart-door'
    const reply = z.parse(sheetReplySchema, await askDaemon(folder, { ask: 'break-glass' }))
    if (reply.outcome !== 'made') return fail(busy)
    io.stdout.write(sheet(doorName, reply.codes))
    const { codesEnded } = reply
    if (codesEnded > 0) io.stderr.write(`${endedSentence(codesEnded)} Destroy that sheet.\n`)
    return 0
  } catch (error) {
    if (!(error instanceof Unanswered)) throw error
    return fail(error.message)
  }
}

const busy = 'The door stores no sheet now: a part of it does not work. See: sudo smart-door doctor'

const endedSentence = (codes: number): string =>
  codes === 1
    ? 'One code of the sheet before no longer works.'
    : `${codes} codes of the sheet before no longer work.`

const edge = `${'- '.repeat(29)}-\n`

/** To be cut out along its edges. */
const sheet = (doorName: string, codes: readonly string[]): string => `${edge}
  BREAK-GLASS CODES for ${doorName}
  made on ${new Date().toLocaleDateString('sv-SE')}

${codes.map((code, index) => `  ${String(index + 1).padStart(2)}.  ${inFours(code)}   [ ]\n`).join('')}
  Type all twelve digits at the keypad of the door. Each
  code opens it once, also without network and in every
  mode that lets codes in. Each use raises an alarm.
  Tick off a used code. Keep this sheet away from the
  door: anyone who has it can enter.

${edge}`
