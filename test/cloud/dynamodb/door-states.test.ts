import { doorStatesDynamodb } from '../../../cloud/aws/dynamodb/door-states.ts'
import { doorStatesContract } from '../../contracts/tables/door-states.ts'
import { openTables } from '../../contracts/tables/tables.ts'

doorStatesContract('DynamoDB', async () => {
  const { client, names, end } = await openTables()
  return { states: doorStatesDynamodb({ client, table: names.visits }), end }
})
