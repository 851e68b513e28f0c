/** The three tables. Their items and keys are described in cloud/aws/dynamodb. */
import { RemovalPolicy } from 'aws-cdk-lib'
import {
  AttributeType,
  BillingMode,
  ProjectionType,
  StreamViewType,
  Table,
  TableEncryption,
  type TableProps,
} from 'aws-cdk-lib/aws-dynamodb'
import { Construct } from 'constructs'
import { retentionDays } from '../../retention.ts'

export interface Tables {
  readonly visits: Table
  readonly visitors: Table
  readonly passcodes: Table
}

export const visitsIndex = 'byHousehold'
export const visitorsIndex = 'everyHousehold'

const durable: TableProps = {
  partitionKey: { name: 'pk', type: AttributeType.STRING },
  sortKey: { name: 'sk', type: AttributeType.STRING },
  billingMode: BillingMode.PAY_PER_REQUEST,
  encryption: TableEncryption.AWS_MANAGED,
  // Only garbage collection: conditions compare expiry times themselves.
  timeToLiveAttribute: 'ttl',
  // What was deleted, such as a visitor, is in the backup for so long.
  pointInTimeRecoverySpecification: {
    pointInTimeRecoveryEnabled: true,
    recoveryPeriodInDays: retentionDays.backup,
  },
  deletionProtection: true,
  removalPolicy: RemovalPolicy.RETAIN,
}

export function buildTables(scope: Construct): Tables {
  const here = new Construct(scope, 'Tables')
  const visits = new Table(here, 'Visits', durable)
  visits.addGlobalSecondaryIndex({
    indexName: visitsIndex,
    partitionKey: { name: 'household', type: AttributeType.STRING },
    sortKey: { name: 'startedAtMs', type: AttributeType.NUMBER },
    projectionType: ProjectionType.ALL,
  })
  const stream = StreamViewType.NEW_AND_OLD_IMAGES
  const visitors = new Table(here, 'Visitors', { ...durable, stream })
  visitors.addGlobalSecondaryIndex({
    indexName: visitorsIndex,
    partitionKey: { name: 'kind', type: AttributeType.STRING },
    sortKey: { name: 'pk', type: AttributeType.STRING },
    projectionType: ProjectionType.KEYS_ONLY,
  })
  return { visits, visitors, passcodes: new Table(here, 'Passcodes', durable) }
}
