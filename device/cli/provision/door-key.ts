/**
 * The key that codes are derived from. The cloud has made it and keeps it; the door fetches it once,
 * with the AWS credentials of whoever installs it. Replacing it is done so that at any moment,
 * even if the power fails there, every code that the cloud makes is one that the door takes.
 */
import { randomBytes } from 'node:crypto'
import { existsSync } from 'node:fs'
import { doorKeyBytes } from '../../../protocol/passcode.ts'
import { type DoorKeys, oldCounts, readKeys, writeKeys } from '../../identity/door-key-file.ts'
import type { Owner } from '../../identity/identity-folder.ts'
import { CannotProvision, type Say } from './with-aws-keys.ts'

interface Deps {
  readonly doorId: string
  readonly path: string
  readonly owner: Owner | null
  readonly say: Say
}

/** `isNew`: this door has never been in the cloud, so no code follows from the key that it has. */
export async function fetchDoorKey(deps: Deps, isNew: boolean): Promise<void> {
  const { doorId, path, owner, say } = deps
  const cloudKey = await (await secretOf(doorId)).read()
  if (!existsSync(path)) {
    writeKeys(path, { own: cloudKey, next: null, old: null }, owner)
    say(`The door key was fetched into ${path}.`)
    return
  }
  const keys = isNew ? readKeys(path) : usable(path)
  if (keys?.own === cloudKey) return
  if (keys && keys.next === cloudKey) return finish(deps, keys)
  if (isNew) {
    writeKeys(path, { own: cloudKey, next: null, old: null }, owner)
    say(`The door key was fetched into ${path}, in the place of one that the cloud did not know.`)
    return
  }
  throw new CannotProvision(
    `The door key in ${path} is not the one that the cloud has. If that file is of no use, remove it and try again.`,
  )
}

/** Three steps, of which each leaves things so that this can be called again. */
export async function rotateDoorKey(deps: Deps): Promise<void> {
  const { doorId, path, owner, say } = deps
  const secret = await secretOf(doorId)
  const cloudKey = await secret.read()
  const found = usable(path)
  if (found.old !== null && oldCounts(path)) {
    // A third key would push out one that the cloud may make codes from still.
    return say(
      'The door key was replaced less than a quarter of an hour ago, and is left alone until then.',
    )
  }
  if (found.next !== null && found.next === cloudKey) return finish(deps, found)
  if (found.own !== cloudKey) {
    throw new CannotProvision(`The door key in ${path} is not the one that the cloud has.`)
  }
  const next = found.next ?? randomBytes(doorKeyBytes).toString('hex')
  const keys = { own: found.own, next, old: null }
  writeKeys(path, keys, owner)
  await secret.write(next)
  finish(deps, keys)
}

function finish({ path, owner, say }: Deps, { own, next }: DoorKeys): void {
  if (next === null) return
  writeKeys(path, { own: next, next: null, old: own }, owner)
  say('The door key was replaced; the old one still counts for a quarter of an hour.')
}

function usable(path: string): DoorKeys {
  const keys = readKeys(path)
  if (keys) return keys
  throw new CannotProvision(`What is in ${path} is no door key.`)
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
            `The cloud has no key for a door called "${doorId}": is it among the doors that were deployed?`,
          )
        })
      if (SecretString && /^[0-9a-f]{64}$/.test(SecretString)) return SecretString
      throw new CannotProvision('The key that the cloud has for this door is none.')
    },
    async write(key: string): Promise<void> {
      await client.send(new sdk.PutSecretValueCommand({ SecretId, SecretString: key }))
    },
  }
}
