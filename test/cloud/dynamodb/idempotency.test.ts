import { idempotencyDynamodb } from '../../../cloud/aws/dynamodb/idempotency.ts'
import { idempotencyContract } from '../../contracts/tables/idempotency.ts'
import { openTables } from '../../contracts/tables/tables.ts'

idempotencyContract('DynamoDB', async () => {
  const { client, names, end } = await openTables()
  return { once: idempotencyDynamodb({ client, table: names.visits }), end }
})
