/** A new private key and a certificate request (PKCS #10) for it. Node makes keys but no requests. */
import { generateKeyPairSync, sign } from 'node:crypto'
import { bits, commonName, der, ecdsaWithSha256, pem, tagged, tags } from '../../identity/der.ts'

const noAttributes = der(tagged.holding(0))
const versionOne = der(tags.integer, Buffer.from([0]))

/** Both in PEM. */
export function newRequest(name: string): { readonly key: string; readonly request: string } {
  const { privateKey, publicKey } = generateKeyPairSync('ec', { namedCurve: 'P-256' })
  const publicInfo = publicKey.export({ type: 'spki', format: 'der' })
  const info = der(tags.sequence, versionOne, commonName(name), publicInfo, noAttributes)
  const signature = bits(sign('sha256', info, privateKey))
  return {
    key: privateKey.export({ type: 'pkcs8', format: 'pem' }).toString(),
    request: pem('CERTIFICATE REQUEST', der(tags.sequence, info, ecdsaWithSha256, signature)),
  }
}
