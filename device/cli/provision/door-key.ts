/**
 * The door key, from which codes are derived. The cloud makes it; the door fetches it once, with
 * the AWS credentials of the installer. While it is replaced, even if the power fails at any step,
 * the door accepts every code that the cloud makes.
 */
import { randomBytes } from 'node:crypto'
import { existsSync } from 'node:fs'
import { doorKeyBytes } from '../../../protocol/passcode.ts'
import { type DoorKeys, isOldKeyValid, readKeys, writeKeys } from '../../identity/door-key-file.ts'
import type { Owner } from '../../identity/identity-folder.ts'
import { CannotProvision, type Say } from './outcome.ts'

interface KeyFile {
  readonly doorId: string
  readonly path: string
  readonly owner: Owner | null
  readonly say: Say
}

/** `isNew`: the door has never been in the cloud, so no code was derived from a key that it has. */
export async function fetchDoorKey(file: KeyFile, isNew: boolean): Promise<void> {
  const { path, owner, say } = file
  const cloudKey = await (await secretOf(file.doorId)).read()
  const isThere = existsSync(path)
  const keys = isThere ? readKeys(path) : null
  if (keys?.own === cloudKey) return
  if (keys && keys.next === cloudKey) return promoteNext(file, keys)
  if (isThere && !isNew) {
    throw new CannotProvision(
      `The door key in ${path} is not that of the cloud. If that file is not needed, delete it and try again.`,
    )
  }
  writeKeys(path, { own: cloudKey, next: null, old: null }, owner)
  say(
    `Fetched the door key into ${path}${isThere ? ', replacing one that the cloud did not know' : ''}.`,
  )
}

/** Writes the new key to the file, to the cloud, and to first place; can continue from each step. */
export async function rotateDoorKey(file: KeyFile): Promise<void> {
  const { path, owner, say } = file
  const keys = readKeys(path)
  if (!keys) throw new CannotProvision(`There is no door key in ${path}.`)
  const secret = await secretOf(file.doorId)
  const cloudKey = await secret.read()
  if (keys.old !== null && isOldKeyValid(path)) {
    // A third key would replace one that the cloud may still derive codes from.
    return say('The door key was replaced less than 15 minutes ago, so it was left alone.')
  }
  if (keys.next !== null && keys.next === cloudKey) return promoteNext(file, keys)
  if (keys.own !== cloudKey) {
    throw new CannotProvision(`The door key in ${path} is not that of the cloud.`)
  }
  file.say(
    'PINs and codes of guests end with the old key. Set them again in the console afterwards.',
  )
  const next = keys.next ?? randomBytes(doorKeyBytes).toString('hex')
  writeKeys(path, { own: keys.own, next, old: null }, owner)
  await secret.write(next)
  promoteNext(file, { own: keys.own, next, old: null })
}

function promoteNext({ path, owner, say }: KeyFile, { own, next }: DoorKeys): void {
  if (next === null) return
  writeKeys(path, { own: next, next: null, old: own }, owner)
  say('Replaced the door key; codes of the old one are accepted for another 15 minutes.')
}

async function secretOf(doorId: string) {
  const sdk = await import('@aws-sdk/client-secrets-manager')
  const client = new sdk.SecretsManagerClient({})
  const SecretId = `smart-door/door-key/${doorId}`
  return {
    async read(): Promise<string> {
      const { SecretString } = await client
        .send(new sdk.GetSecretValueCommand({ SecretId }))
        .catch((error: unknown) => {
          if (!(error instanceof sdk.ResourceNotFoundException)) throw error
          throw new CannotProvision(
            `The cloud has no key for a door "${doorId}": was this door deployed?`,
          )
        })
      if (SecretString && /^[0-9a-f]{64}$/.test(SecretString)) return SecretString
      throw new CannotProvision('The secret that the cloud has for this door is not a door key.')
    },
    async write(key: string): Promise<void> {
      await client.send(new sdk.PutSecretValueCommand({ SecretId, SecretString: key }))
    },
  }
}
