/** Deletes what is stored about a household, with the owner's own credentials. */
import { DynamoDB } from '@aws-sdk/client-dynamodb'
import { Rekognition } from '@aws-sdk/client-rekognition'
import { SecretsManager } from '@aws-sdk/client-secrets-manager'
import { DynamoDBDocument, paginateScan } from '@aws-sdk/lib-dynamodb'
import * as z from 'zod/mini'
import { householdKey } from '../aws/dynamodb/rows.ts'
import { collectionOf } from '../aws/rekognition/faces.ts'
import type { HouseholdData } from '../members/households.ts'
import type { Photos } from '../ports.ts'
import { clientOptions, type Outputs } from './deployment.ts'
import { ifMissing } from './missing.ts'

export const householdData = (outputs: Outputs, photos: Photos): HouseholdData => ({
  async remove(household) {
    const { VisitsTable, PasscodesTable, VisitorsTable } = outputs
    for (const table of [VisitsTable, PasscodesTable, VisitorsTable]) {
      await deleteItems(table, household)
    }
    for (const prefix of prefixesOf(household)) {
      await photos.remove((await photos.list(prefix)).map(({ key }) => key))
    }
    const CollectionId = collectionOf(household)
    await new Rekognition(clientOptions()).deleteCollection({ CollectionId }).catch(ifMissing)
    await deleteKeys(household)
  },
})

/** By household, and by door, whose name begins with that of its household. */
const prefixesOf = (household: string): readonly string[] => [
  ...['visitors', 'raw', 'processed'].map((folder) => `${folder}/${household}/`),
  ...['snapshots', 'faces', 'clips', 'kept'].map((folder) => `${folder}/${household}_`),
]

const keySchema = z.object({ pk: z.string(), sk: z.string() })

/** Keys name the household, or one of its doors, between signs of `#`. */
async function deleteItems(TableName: string, household: string): Promise<void> {
  const client = DynamoDBDocument.from(new DynamoDB(clientOptions()))
  const isMeant = ({ pk, sk }: z.infer<typeof keySchema>) =>
    pk.split('#').some((part) => part === household || part.startsWith(`${household}_`)) &&
    !(pk === householdKey(household) && sk === 'household')
  const pages = paginateScan({ client }, { TableName, ProjectionExpression: 'pk, sk' })
  for await (const { Items = [] } of pages) {
    const keys = Items.map((item) => z.parse(keySchema, item))
    for (const Key of keys.filter(isMeant)) await client.delete({ TableName, Key })
  }
}

/** They outlive their doors, in case a door comes back. */
async function deleteKeys(household: string): Promise<void> {
  const client = new SecretsManager(clientOptions())
  const Filters = [{ Key: 'name' as const, Values: [`smart-door/door-key/${household}_`] }]
  const { SecretList = [] } = await client.listSecrets({ Filters })
  for (const { ARN: SecretId } of SecretList) {
    await client.deleteSecret({ SecretId, ForceDeleteWithoutRecovery: true })
  }
}
