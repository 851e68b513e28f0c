/** What has to be allowed because an adapter calls it, read from the adapters. */
import { readdirSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { root } from '../../support/project-files.ts'

const prefixes: Readonly<Record<string, string>> = {
  'lib-dynamodb': 'dynamodb',
  'client-s3': 's3',
  'client-rekognition': 'rekognition',
  'client-sesv2': 'ses',
  'client-sns': 'sns',
  'client-sqs': 'sqs',
  'client-iot': 'iot',
  'client-iot-data-plane': 'iot',
  'client-secrets-manager': 'secretsmanager',
  'client-pinpoint-sms-voice-v2': 'sms-voice',
  'client-kinesis-video': 'kinesisvideo',
  'client-kinesis-video-media': 'kinesisvideo',
}

/** Where the right to a call is not called like the call. */
const actions: Readonly<Record<string, readonly string[]>> = {
  'dynamodb:Get': ['dynamodb:GetItem'],
  'dynamodb:Put': ['dynamodb:PutItem'],
  'dynamodb:Update': ['dynamodb:UpdateItem'],
  'dynamodb:Delete': ['dynamodb:DeleteItem'],
  'dynamodb:TransactWrite': ['dynamodb:PutItem', 'dynamodb:UpdateItem'],
  's3:DeleteObjects': ['s3:DeleteObject'],
  's3:ListObjectsV2': ['s3:ListBucket'],
  // Pictures inside of a mail make it one of the second kind.
  'ses:SendEmail': ['ses:SendEmail', 'ses:SendRawEmail'],
}

const folder = join(root, 'cloud/aws')
export const calledByAdapters: readonly string[] = readdirSync(folder).flatMap((file) => {
  const text = readFileSync(join(folder, file), 'utf8')
  const [, from = ''] = /from '@aws-sdk\/([\w-]+)'/.exec(text) ?? []
  const names = [...text.matchAll(/\bnew (\w+)Command\(|\bpaginate(\w+)\(/g)]
  const calls = names.map(([, command, paged]) => `${prefixes[from]}:${command ?? paged}`)
  return calls.flatMap((call) => actions[call] ?? [call])
})
