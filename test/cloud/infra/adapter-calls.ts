/** The actions that adapters call, read from their sources: each must be allowed somewhere. */
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
  'client-kinesis-video-archived-media': 'kinesisvideo',
}

/** Where the permission has another name than the call. */
const actions: Readonly<Record<string, readonly string[]>> = {
  'dynamodb:Get': ['dynamodb:GetItem'],
  'dynamodb:Put': ['dynamodb:PutItem'],
  'dynamodb:Update': ['dynamodb:UpdateItem'],
  'dynamodb:Delete': ['dynamodb:DeleteItem'],
  'dynamodb:TransactWrite': ['dynamodb:PutItem', 'dynamodb:UpdateItem'],
  's3:DeleteObjects': ['s3:DeleteObject'],
  's3:ListObjectsV2': ['s3:ListBucket'],
  // SES counts a mail with inline pictures as raw.
  'ses:SendEmail': ['ses:SendEmail', 'ses:SendRawEmail'],
}

const folder = join(root, 'cloud/aws')
export const calledByAdapters: readonly string[] = readdirSync(folder, {
  encoding: 'utf8',
  recursive: true,
})
  .filter((file) => file.endsWith('.ts'))
  .flatMap((file) => {
    const text = readFileSync(join(folder, file), 'utf8')
    const [, from = ''] = /from '@aws-sdk\/([\w-]+)'/.exec(text) ?? []
    const names = [...text.matchAll(/\bnew (\w+)Command\(|\bpaginate(\w+)\(/g)]
    const calls = names.map(([, command, paged]) => `${prefixes[from]}:${command ?? paged}`)
    return calls.flatMap((call) => actions[call] ?? [call])
  })
