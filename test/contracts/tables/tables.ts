/**
 * Tables of their own for a test file, in the stand-in or wherever DYNAMODB_ENDPOINT points to. The
 * stand-in's counts and faults are there only when it is the stand-in.
 */
import { DynamoDBClient } from '@aws-sdk/client-dynamodb'
import { DynamoDBDocumentClient } from '@aws-sdk/lib-dynamodb'
import {
  type AwsServer,
  startAws,
  type Tables as TableCalls,
} from '../../../simulation/aws/server.ts'
import { createTables, type TableNames } from '../../support/cloud/deployed-tables.ts'
import { newId } from './examples.ts'

export const elsewhere = process.env['DYNAMODB_ENDPOINT']

export interface Tables {
  readonly client: DynamoDBDocumentClient
  readonly names: TableNames
  /** Throws when the tables are elsewhere. */
  readonly standIn: () => TableCalls & Pick<AwsServer, 'fault'>
  end(): Promise<void>
}

/** What is passed over is no matter where nothing is. */
export const noLog = { error: () => {} }

export async function openTables(): Promise<Tables> {
  const standIn = elsewhere === undefined ? await startAws() : null
  const bare = new DynamoDBClient({
    endpoint: elsewhere ?? standIn?.url ?? '',
    region: process.env['AWS_REGION'] ?? 'eu-central-1',
    ...(standIn && { credentials: { accessKeyId: 'test', secretAccessKey: 'test' } }),
  })
  const mark = newId().slice(0, 8)
  const names = {
    visits: `visits-${mark}`,
    visitors: `visitors-${mark}`,
    passcodes: `passcodes-${mark}`,
  }
  await createTables(bare, names)
  return {
    client: DynamoDBDocumentClient.from(bare),
    names,
    standIn: () => {
      if (!standIn) throw new Error('Only the stand-in counts calls and fails on demand.')
      return { ...standIn.dynamodb, fault: standIn.fault }
    },
    async end() {
      bare.destroy()
      await standIn?.close()
    },
  }
}
