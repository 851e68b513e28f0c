import { onceDynamodb } from '../../../cloud/aws/dynamodb/idempotency.ts'
import { onceContract } from '../../contracts/tables/idempotency.ts'
import { openTables } from '../../contracts/tables/tables.ts'

onceContract('DynamoDB', async () => {
  const { client, names, end } = await openTables()
  return { once: onceDynamodb({ client, table: names.visits }), end }
})
