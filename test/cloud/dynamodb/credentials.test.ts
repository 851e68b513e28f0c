import { credentialsDynamodb } from '../../../cloud/aws/dynamodb/credentials.ts'
import { passcodesDynamodb } from '../../../cloud/aws/dynamodb/passcodes.ts'
import { credentialsContract } from '../../contracts/tables/credentials.ts'
import { openTables } from '../../contracts/tables/tables.ts'

credentialsContract('DynamoDB', async () => {
  const { client, names, end } = await openTables()
  const deps = { client, passcodesTable: names.passcodes, visitsTable: names.visits }
  return { credentials: credentialsDynamodb(deps), passcodes: passcodesDynamodb(deps), end }
})
