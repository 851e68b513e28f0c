/** Compares the signature with that of AWS's Python library. */
import { execFileSync } from 'node:child_process'
import { expect, it } from 'vitest'
import { signed } from '../../../device/aws/signature.ts'

const signedAtMs = Date.UTC(2026, 5, 1, 12, 0, 5)
const url = new URL('https://s-1a2b3c4d.kinesisvideo.eu-central-1.amazonaws.com/putMedia')
const headers = {
  'x-amzn-stream-name': 'maple-street_front',
  'x-amzn-fragment-timecode-type': 'ABSOLUTE',
  'x-amzn-producer-start-timestamp': '1780315205.005',
  'x-amzn-fragment-acknowledgment-required': '1',
}

/** Signs the same request at the same time, and prints the header. */
const python = `
import datetime, json, sys
import botocore.auth, botocore.awsrequest, botocore.credentials
asked = json.load(sys.stdin)
signed_at = datetime.datetime(2026, 6, 1, 12, 0, 5)
class Then(datetime.datetime):
    @classmethod
    def utcnow(cls): return signed_at
    @classmethod
    def now(cls, tz=None): return signed_at.replace(tzinfo=tz)
botocore.auth.datetime = type('m', (), {'datetime': Then, 'timezone': datetime.timezone})
if hasattr(botocore.auth, 'get_current_datetime'): botocore.auth.get_current_datetime = lambda *a, **k: signed_at
request = botocore.awsrequest.AWSRequest(method='POST', url=asked['url'], headers=asked['headers'], data=asked['body'])
credentials = botocore.credentials.Credentials('AKIDEXAMPLE', 'not/a+secret', asked['token'])
botocore.auth.SigV4Auth(credentials, 'kinesisvideo', 'eu-central-1').add_auth(request)
print(request.headers['Authorization'])
`
/** Debian's interpreter, since botocore is a Debian package. */
const interpreter = '/usr/bin/python3'

function botocore(token: string | null, body: string | null): string {
  const input = JSON.stringify({ url: url.href, headers, token, body: body ?? '' })
  return execFileSync(interpreter, ['-c', python], { input, encoding: 'utf8' }).trim()
}

it.each([
  ['with permanent keys', null, null],
  ['with temporary keys', 'a/session+token==', null],
  ['with a body', 'a/session+token==', '{"StreamName":"maple-street_front"}'],
])('equals that of botocore, %s', async (_, token, body) => {
  const credentials = {
    accessKeyId: 'AKIDEXAMPLE',
    secretAccessKey: 'not/a+secret',
    ...(token === null ? {} : { sessionToken: token }),
    expiresAtMs: 0,
  }
  const ours = await signed({ url, headers, body }, credentials, 'eu-central-1', signedAtMs)
  expect(ours['authorization']).toBe(botocore(token, body))
})
