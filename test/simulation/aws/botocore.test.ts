/** AWS's own Python client, with its own models, gets right answers from the stand-ins. */
import { execFile } from 'node:child_process'
import { join } from 'node:path'
import { promisify } from 'node:util'
import { expect } from 'vitest'
import { startAws } from '../../../simulation/aws/server.ts'
import { person } from '../../../simulation/scenes/drawn-faces.ts'
import { snapshots } from '../../support/drawn-snapshots.ts'
import { testProof } from '../../support/effort.ts'

/** Debian's interpreter, since botocore is a Debian package. */
const interpreter = '/usr/bin/python3'

testProof('botocore accepts its requests and reads the answers', async () => {
  const aws = await startAws({
    buckets: ['photos'],
    secrets: { 'smart-door/door-key/a_b': 'ab'.repeat(32) },
    videoStreams: ['a_b'],
  })
  const base64 = (jpeg: Uint8Array) => Buffer.from(jpeg).toString('base64')
  const running = promisify(execFile)(interpreter, [
    join(import.meta.dirname, 'every_operation.py'),
  ])
  // An early end shows in the exit code.
  running.child.stdin
    ?.on('error', () => {})
    .end(
      JSON.stringify({
        url: aws.url,
        face: base64(snapshots.front(person('robin'))),
        other: base64(snapshots.front(person('sam'))),
      }),
    )
  const { stdout } = await running
  expect(JSON.parse(stdout)).toEqual({
    's3 bytes': true,
    's3 keys': ['a b/ü.jpg'],
    's3 deleted': [{ Key: 'a b/ü.jpg' }],
    's3 missing': 'NoSuchKey',
    sns: true,
    ses: true,
    sms: true,
    'faces found': [1, ['Height', 'Left', 'Top', 'Width']],
    'face matched': 'visitor-1',
    others: true,
    'faces listed': 1,
    'faces deleted': true,
    secret: 'ab'.repeat(32),
    video: true,
    item: { N: '1' },
    query: 1,
  })
  await aws.close()
})
