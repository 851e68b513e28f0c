/** Whatever is kept in tables, over one connection. */
import { DynamoDBClient } from '@aws-sdk/client-dynamodb'
import { DynamoDBDocumentClient } from '@aws-sdk/lib-dynamodb'
import { householdsDynamodb } from '../aws/dynamodb/households.ts'
import { onceDynamodb } from '../aws/dynamodb/idempotency.ts'
import { passcodesDynamodb } from '../aws/dynamodb/passcodes.ts'
import { requestsDynamodb } from '../aws/dynamodb/requests.ts'
import { visitorsDynamodb } from '../aws/dynamodb/visitors.ts'
import { visitsDynamodb } from '../aws/dynamodb/visits.ts'
import { awsSettings } from '../aws/settings.ts'
import { settings } from '../config.ts'
import { rememberedHouseholds } from '../members/households.ts'
import { clock, log } from './basics.ts'

/** One connection for all that a function keeps. */
export const dynamodb = () =>
  DynamoDBDocumentClient.from(new DynamoDBClient(awsSettings), {
    marshallOptions: { removeUndefinedValues: true },
  })

export function visits(client = dynamodb()) {
  return visitsDynamodb({ client, table: settings('VISITS_TABLE').VISITS_TABLE, log })
}

export function once(client = dynamodb()) {
  return onceDynamodb({ client, table: settings('VISITS_TABLE').VISITS_TABLE })
}

export function requests(client = dynamodb()) {
  const { VISITS_TABLE, VISITORS_TABLE } = settings('VISITS_TABLE', 'VISITORS_TABLE')
  const tables = { visitsTable: VISITS_TABLE, visitorsTable: VISITORS_TABLE }
  return requestsDynamodb({ client, ...tables })
}

export function passcodes(client = dynamodb()) {
  const { VISITS_TABLE, PASSCODES_TABLE } = settings('VISITS_TABLE', 'PASSCODES_TABLE')
  const tables = { visitsTable: VISITS_TABLE, passcodesTable: PASSCODES_TABLE }
  return passcodesDynamodb({ client, ...tables })
}

export function visitors(client = dynamodb()) {
  return visitorsDynamodb({ client, table: settings('VISITORS_TABLE').VISITORS_TABLE, log })
}

export function households(client = dynamodb()) {
  const table = settings('VISITORS_TABLE').VISITORS_TABLE
  return householdsDynamodb({ client, table })
}

export const household = (client = dynamodb()) => rememberedHouseholds(households(client), clock)
