import { doorLogsDynamodb } from '../../../cloud/aws/dynamodb/door-logs.ts'
import { doorLogsContract } from '../../contracts/tables/door-logs.ts'
import { openTables } from '../../contracts/tables/tables.ts'

doorLogsContract('DynamoDB', async () => {
  const { client, names, end } = await openTables()
  return { logs: doorLogsDynamodb({ client, table: names.visits }), end }
})
