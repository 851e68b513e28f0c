/** Asks the person at the terminal before something that cannot be undone. */
import { createInterface } from 'node:readline/promises'
import { type Io, Misuse } from './command-line.ts'

export async function isConfirmed(question: string, { stderr }: Io): Promise<boolean> {
  if (!process.stdin.isTTY) throw new Misuse('There is no terminal to ask: use --yes.')
  const lines = createInterface({ input: process.stdin })
  try {
    stderr.write(`${question} [y/N] `)
    return /^y(es)?$/i.test((await lines.question('')).trim())
  } finally {
    lines.close()
  }
}
