import { onceDynamodb } from '../../../cloud/adapters/once-dynamodb.ts'
import { onceContract } from '../../contracts/cloud-once.ts'
import { openTables } from '../../contracts/cloud-tables.ts'

onceContract('DynamoDB', async () => {
  const { client, names, end } = await openTables()
  return { once: onceDynamodb({ client, table: names.visits }), end }
})
