/** `smart-door update`: checks a release against the key that this door trusts, and installs it. */
import { spawnSync } from 'node:child_process'
import { createPublicKey, type KeyObject } from 'node:crypto'
import { mkdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { type Io, version } from '../../terminal/command-line.ts'
import { UpdateFault } from '../update/fault.ts'
import { fetchArchive, readStatement } from '../update/fetch.ts'
import { compareVersions, type Release, verified } from '../update/statement.ts'

/** Below it, as in the installer, in tests and images. */
const root = process.env['DESTDIR'] ?? ''
const keyPath = `${root}/etc/smart-door/release-key.pem`
const workFolder = `${root}/opt/smart-door/.update`
const resultPath = `${root}/opt/smart-door/last-update`

export async function update(
  source: string,
  { allowDowngrade }: { readonly allowDowngrade: boolean },
  io: Io,
): Promise<number> {
  if (root === '' && process.getuid?.() !== 0) {
    throw new UpdateFault('This changes the system, so please run it with sudo.')
  }
  try {
    const result = await updated(source, allowDowngrade, io)
    note(result)
    io.stdout.write(`${result}\n`)
    return 0
  } catch (error) {
    note(`The last update failed: ${error instanceof Error ? error.message : String(error)}`)
    throw error
  } finally {
    rmSync(workFolder, { recursive: true, force: true })
  }
}

async function updated(source: string, allowDowngrade: boolean, io: Io): Promise<string> {
  const release = verified(await readStatement(source), trustedKey())
  const present = version()
  checkSystem(release)
  const order = compareVersions(release.version, present)
  if (order === 0) return `Version ${present} is installed already. Nothing was changed.`
  if (order < 0 && !allowDowngrade) {
    throw new UpdateFault(
      `The release is version ${release.version}, and ${present} is installed: an earlier version may have faults that are known. Nothing was changed. To install it all the same, add --allow-downgrade.`,
    )
  }
  rmSync(workFolder, { recursive: true, force: true })
  mkdirSync(workFolder, { recursive: true, mode: 0o700 })
  const archive = join(workFolder, 'archive.tar.gz')
  io.stdout.write(`Fetching version ${release.version}\n`)
  await fetchArchive(source, release, archive)
  return install(archive, release)
}

function trustedKey(): KeyObject {
  try {
    return createPublicKey(readFileSync(keyPath))
  } catch (error) {
    const code = error instanceof Error && 'code' in error ? String(error.code) : 'unknown error'
    throw new UpdateFault(
      `The key by which releases are checked cannot be read from ${keyPath} (${code}). Nothing was changed. A door that was installed from a release has it; else copy the public key there.`,
      { cause: error },
    )
  }
}

function checkSystem({ system }: Release): void {
  const here = `${process.platform}-${process.arch}`
  if (system === here) return
  throw new UpdateFault(`The release is for ${system}, and this is ${here}. Nothing was changed.`)
}

/** The installer tries the version, and returns to the one before if it does not start. */
function install(archive: string, { version }: Release): string {
  const folder = join(workFolder, 'release')
  mkdirSync(folder)
  const options = ['-xzf', archive, '-C', folder, '--no-same-owner', '--strip-components=1']
  if (spawnSync('tar', options, { stdio: 'inherit' }).status !== 0) {
    throw new UpdateFault('The archive cannot be unpacked: is the disk full? Nothing was changed.')
  }
  rmSync(archive)
  const { status } = spawnSync(join(folder, 'systemd/install'), { stdio: 'inherit' })
  if (status === 0) return `Version ${version} was installed.`
  throw new UpdateFault(
    `Version ${version} was not installed, for the reason above; the version before runs on. See: journalctl -u smart-door`,
  )
}

/** For `doctor`: an update at night has no reader. */
function note(result: string): void {
  try {
    writeFileSync(resultPath, `${new Date().toISOString()} ${result}\n`)
  } catch {
    // The result is on standard output, too.
  }
}
