/** A passphrase from a file or from the person at the terminal: never from the command line. */
import { readFileSync } from 'node:fs'
import { type Io, Misuse } from './command-line.ts'

const ctrlC = '\u0003'
const backspaces = ['\u0008', '\u007f']

/** `twice`: so that a typing mistake does not lock it for ever. */
export async function passphraseFrom(
  file: string | undefined,
  { twice }: { readonly twice: boolean },
  io: Io,
): Promise<string> {
  if (file !== undefined) return fromFile(file)
  if (!process.stdin.isTTY) {
    throw new Misuse('There is no terminal to ask for the passphrase: use --passphrase-file FILE.')
  }
  const [passphrase = '', again] = await asked(
    twice ? ['Passphrase: ', 'Once more: '] : ['Passphrase: '],
    io,
  )
  if (again !== undefined && again !== passphrase) {
    throw new Misuse('The two passphrases differ. Nothing was changed.')
  }
  return passphrase
}

function fromFile(path: string): string {
  try {
    return readFileSync(path, 'utf8').replace(/\r?\n$/, '')
  } catch (error) {
    const code = error instanceof Error && 'code' in error ? String(error.code) : 'unknown error'
    throw new Misuse(`The passphrase file ${path} cannot be read (${code}).`)
  }
}

/** Without showing what is typed. */
function asked(questions: readonly string[], { stderr }: Io): Promise<readonly string[]> {
  const { stdin } = process
  const answers: string[] = []
  let typed = ''
  stderr.write(questions[0] ?? '')
  stdin.setRawMode(true)
  stdin.resume()
  return new Promise((done, failed) => {
    function end(): void {
      stdin.off('data', take)
      stdin.setRawMode(false)
      stdin.pause()
    }
    /** False once there is nothing more to ask. */
    function takeLetter(letter: string): boolean {
      if (letter !== '\r' && letter !== '\n') {
        typed = backspaces.includes(letter) ? typed.slice(0, -1) : typed + letter
        return true
      }
      answers.push(typed)
      typed = ''
      stderr.write(`\n${questions[answers.length] ?? ''}`)
      return answers.length < questions.length
    }
    function take(bytes: Buffer): void {
      for (const letter of bytes.toString('utf8')) {
        const isInterrupted = letter === ctrlC
        if (!isInterrupted && takeLetter(letter)) continue
        end()
        if (isInterrupted) failed(new Misuse('Interrupted. Nothing was changed.'))
        else done(answers)
        return
      }
    }
    stdin.on('data', take)
  })
}
