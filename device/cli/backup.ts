/** `smart-door backup` and `smart-door restore`. */
import { existsSync, readFileSync, renameSync } from 'node:fs'
import { dirname } from 'node:path'
import { type Io, version } from '../../terminal/command-line.ts'
import { passphraseFrom } from '../../terminal/passphrase.ts'
import { packed, readDoor, unpacked } from '../backup/contents.ts'
import { BackupFault } from '../backup/fault.ts'
import { restore as putBack } from '../backup/restore.ts'
import { seal, shortestPassphrase, unseal } from '../backup/sealed.ts'
import { readConfig } from '../config/config.ts'
import { syncFolder, writeDurably } from '../identity/identity-folder.ts'

export async function backup(
  configPath: string,
  file: string,
  passphraseFile: string | undefined,
  io: Io,
): Promise<number> {
  const { doorName } = readConfig(configPath)
  if (existsSync(file)) {
    throw new BackupFault(`${file} exists already: name another file. Nothing was written.`)
  }
  const passphrase = await passphraseFrom(passphraseFile, { twice: true }, io)
  if (passphrase.length < shortestPassphrase) {
    throw new BackupFault(
      `The passphrase must have ${shortestPassphrase} characters or more: a person who guesses it has the door's key.`,
    )
  }
  const sealed = seal(packed(readDoor(configPath, version())), passphrase)
  reported(() => {
    writeDurably(`${file}.new`, sealed, null)
    renameSync(`${file}.new`, file)
    syncFolder(dirname(file))
  })
  io.stdout.write(
    `Wrote a backup of ${doorName} (${sealed.length} bytes). Keep it off this computer, and the passphrase elsewhere.\n`,
  )
  return 0
}

interface RestoreOptions {
  readonly file: string
  readonly passphraseFile: string | undefined
  readonly replace: boolean
}

export async function restore(
  configPath: string,
  { file, passphraseFile, replace }: RestoreOptions,
  io: Io,
): Promise<number> {
  const sealed = reported(() => readFileSync(file))
  const passphrase = await passphraseFrom(passphraseFile, { twice: false }, io)
  const found = unpacked(unseal(sealed, passphrase))
  const { config, closed } = reported(() => putBack(configPath, found, { replace }))
  const made = new Date(found.madeAtMs).toLocaleString('sv-SE')
  const ended =
    closed === 1 ? 'One code that was valid then was' : `${closed} codes that were valid then were`
  io.stdout.write(
    `This computer is now the door ${config.doorName}, as of ${made}. ${ended} closed.\n` +
      'Next: switch off the old computer for good, then run: sudo systemctl start smart-door && sudo smart-door doctor\n',
  )
  return 0
}

/** The file system's own reason, in a sentence. */
function reported<T>(work: () => T): T {
  try {
    return work()
  } catch (error) {
    if (!(error instanceof Error) || !('syscall' in error)) throw error
    throw new BackupFault(`${error.message}. Correct this, and run it again.`, { cause: error })
  }
}
