/**
 * Approval requests, each one item beside its visit. The condition of the write decides whether an
 * answer counts, so of several answers at once exactly one is recorded.
 */
import {
  type DynamoDBDocumentClient,
  GetCommand,
  PutCommand,
  TransactWriteCommand,
  UpdateCommand,
} from '@aws-sdk/lib-dynamodb'
import * as z from 'zod/mini'
import { languageSchema } from '../../../protocol/messages/shared.ts'
import {
  type ApprovalRequest,
  type DecisionRefusal,
  type RequestRef,
  wrongNumbersAllowed,
} from '../../approvals/core/approval-request.ts'
import {
  type ApprovalRequests,
  type DecisionToRecord,
  type RecordAnswer,
  StoreFault,
} from '../../ports.ts'
import { retentionDays } from '../../retention.ts'
import { askReasons } from '../../visits/core/visit.ts'
import { doorKey, expiryAfterDays, orNull, reader, withoutNulls } from './rows.ts'
import { visitorItem } from './visitors.ts'
import { countUpdate, isUnmet, write, writeTogether } from './writes.ts'

interface Deps {
  readonly client: DynamoDBDocumentClient
  readonly visitsTable: string
  readonly visitorsTable: string
}

export function approvalRequestsDynamodb(deps: Deps): ApprovalRequests {
  const { client, visitsTable } = deps
  return {
    async open(request, leaseUntilMs, limits) {
      const Put = requestPut(deps, request, leaseUntilMs)
      if (!limits) {
        const answer = await write(() => client.send(new PutCommand(Put)))
        return isUnmet(answer) ? 'taken' : 'mine'
      }
      const place = { pk: `limit#approvals#${request.doorId}`, sk: 'limit' }
      const Update = countUpdate(visitsTable, place, limits, request.askedAtMs)
      const both = new TransactWriteCommand({ TransactItems: [{ Put }, { Update }] })
      const parts = await writeTogether(() => client.send(both))
      if (!parts) return 'mine'
      return parts[0] ? 'taken' : 'limited'
    },

    async reopen(request, leaseUntilMs) {
      const put = new PutCommand({
        ...requestPut(deps, request, leaseUntilMs),
        ConditionExpression:
          'attribute_not_exists(decision) AND (expiresAtMs <= :now OR size(wrongNumbers) >= :allowed)',
        ExpressionAttributeValues: { ':now': request.askedAtMs, ':allowed': wrongNumbersAllowed },
      })
      return isUnmet(await write(() => client.send(put))) ? 'taken' : 'mine'
    },

    async markMailed(request, atMs) {
      const update = new UpdateCommand({
        TableName: visitsTable,
        Key: keyOf(request),
        UpdateExpression: 'SET mailedAtMs = if_not_exists(mailedAtMs, :at)',
        ConditionExpression: 'attribute_exists(pk)',
        ExpressionAttributeValues: { ':at': atMs },
      })
      // Unmet when the request is gone: then its mail is not sent again either.
      await write(() => client.send(update))
    },

    async find(request) {
      const Key = keyOf(request)
      const get = new GetCommand({ TableName: visitsTable, Key, ConsistentRead: true })
      const { Item } = await client.send(get)
      if (!Item) return null
      const { wrongNumbers, ...found } = requestRow(Item)
      return { ...found, ...(wrongNumbers && { wrongNumbers: wrongNumbers.size }) }
    },

    async recordDecision(asked) {
      const wrong = await wrongNumber(deps, asked)
      if (wrong) return wrong
      const transaction = decisionTransaction(deps, asked)
      const parts = await writeTogether(() => client.send(transaction))
      if (!parts) return { outcome: 'decided' }
      const [request, visitor] = parts
      if (request) return whyNot(request.row, asked)
      if (visitor) throw new StoreFault('exists', 'A visitor of this id is on file already.')
      throw new StoreFault('busy', 'A decision was neither recorded nor refused.')
    },

    async forgetName(request) {
      const update = new UpdateCommand({
        TableName: visitsTable,
        Key: keyOf(request),
        UpdateExpression: 'SET #scan.#name = :none',
        ConditionExpression: 'attribute_exists(#scan)',
        ExpressionAttributeNames: { '#scan': 'scan', '#name': 'name' },
        ExpressionAttributeValues: { ':none': '' },
      })
      await write(() => client.send(update))
    },

    async undo(request, { atMs }) {
      const update = new UpdateCommand({
        TableName: visitsTable,
        Key: keyOf(request),
        UpdateExpression: 'REMOVE decision SET undone = if_not_exists(undone, :none) + :one',
        ConditionExpression: 'decision.atMs = :at',
        ExpressionAttributeValues: { ':at': atMs, ':none': 0, ':one': 1 },
      })
      return !isUnmet(await write(() => client.send(update)))
    },
  }
}

// ---------------------------------------------------------------- deciding

const mayGuess = '(attribute_not_exists(wrongNumbers) OR size(wrongNumbers) < :allowed)'
const isOpen = 'attribute_not_exists(decision) AND expiresAtMs > :now'

/**
 * Checks and counts a wrong number in one write, so that many guesses at once are all counted. A
 * repeated number is not a further guess: a mail scanner that submits the same number on every link
 * must not use up the owner's attempts.
 */
async function wrongNumber(deps: Deps, asked: DecisionToRecord): Promise<RecordAnswer | null> {
  const { request, proof, decision } = asked
  if (!proof || proof.isRight) return null
  if (proof.visitNumber === null) return refused('wrong-number')
  const update = new UpdateCommand({
    TableName: deps.visitsTable,
    Key: keyOf(request),
    UpdateExpression: 'ADD wrongNumbers :guess',
    ConditionExpression: `${isOpen} AND tokenSha256 = :token AND ${mayGuess} AND NOT visitNumber = :number`,
    ExpressionAttributeValues: {
      ':guess': new Set([proof.visitNumber]),
      ':now': decision.atMs,
      ':token': proof.tokenSha256,
      ':allowed': wrongNumbersAllowed,
      ':number': proof.visitNumber,
    },
    ReturnValues: 'ALL_NEW',
  })
  const answer = await write(() => deps.client.send(update))
  if (isUnmet(answer)) return null
  const wrong = requestRow(answer.Attributes).wrongNumbers?.size ?? 0
  return { ...refused('wrong-number'), triesLeft: wrongNumbersAllowed - wrong }
}

function decisionTransaction(deps: Deps, asked: DecisionToRecord): TransactWriteCommand {
  const { request, proof, faceSha256, decision, visitor } = asked
  const isFace = faceSha256 === null ? 'attribute_not_exists(face)' : 'face.sha256 = :face'
  const proven = `tokenSha256 = :token AND visitNumber = :number AND ${mayGuess}`
  const Update = {
    TableName: deps.visitsTable,
    Key: keyOf(request),
    UpdateExpression: 'SET decision = :decision',
    ConditionExpression: `${isOpen} AND ${isFace}${proof ? ` AND ${proven}` : ''}`,
    ExpressionAttributeValues: {
      ':decision': decision,
      ':now': decision.atMs,
      ...(faceSha256 !== null && { ':face': faceSha256 }),
      ...(proof && {
        ':token': proof.tokenSha256,
        ':number': proof.visitNumber,
        ':allowed': wrongNumbersAllowed,
      }),
    },
    ReturnValuesOnConditionCheckFailure: 'ALL_OLD' as const,
  }
  if (!visitor) return new TransactWriteCommand({ TransactItems: [{ Update }] })
  const Put = {
    TableName: deps.visitorsTable,
    Item: visitorItem(visitor),
    ConditionExpression: 'attribute_not_exists(pk)',
  }
  return new TransactWriteCommand({ TransactItems: [{ Update }, { Put }] })
}

const refused = (reason: DecisionRefusal) => ({ outcome: 'refused', reason }) as const

/** Without the secret the answer says nothing else about the request. */
function whyNot(row: unknown, { proof, faceSha256, decision }: DecisionToRecord): RecordAnswer {
  if (row === null) return refused('unknown')
  const request = requestRow(row)
  if (proof && proof.tokenSha256 !== request.tokenSha256) return refused('wrong-token')
  if (request.decision) return { outcome: 'already', decision: request.decision }
  if (request.expiresAtMs <= decision.atMs) return refused('expired')
  if (proof && (request.wrongNumbers?.size ?? 0) >= wrongNumbersAllowed) return refused('expired')
  if (faceSha256 !== (request.face?.sha256 ?? null)) return refused('other-photo')
  return refused('wrong-number')
}

// ---------------------------------------------------------------- the item

const keptDays = retentionDays.requests

const keyOf = (request: RequestRef) => ({
  pk: doorKey(request),
  sk: `request#${request.visitId}#${request.subject}`,
})

/**
 * Replaces a request whose lease is over and that was not marked as mailed. Its mail may have been
 * sent all the same; the new secret makes that mail's link invalid.
 */
const requestPut = (deps: Deps, request: ApprovalRequest, leaseUntilMs: number) => ({
  TableName: deps.visitsTable,
  Item: {
    ...keyOf(request),
    ...withoutNulls(request),
    // Stored even if null, because a condition compares it.
    visitNumber: request.visitNumber,
    mailLeaseUntilMs: leaseUntilMs,
    ttl: expiryAfterDays(request.askedAtMs, keptDays),
  },
  ConditionExpression:
    'attribute_not_exists(pk) OR (attribute_not_exists(mailedAtMs) AND attribute_not_exists(decision) AND mailLeaseUntilMs <= :now)',
  ExpressionAttributeValues: { ':now': request.askedAtMs },
})

const sha256 = z.string().check(z.regex(/^[0-9a-f]{64}$/))

const requestRow = reader(
  'visits',
  z.object({
    household: z.string(),
    doorId: z.string(),
    visitId: z.string(),
    subject: z.string(),
    visitNumber: z.nullable(z.int()),
    face: orNull(z.object({ key: z.string(), sha256 })),
    why: z.enum(askReasons),
    resembles: orNull(z.object({ visitorId: z.string(), similarity: z.number() })),
    askedAtMs: z.int(),
    expiresAtMs: z.int(),
    tokenSha256: sha256,
    decision: orNull(
      z.object({
        outcome: z.enum(['allowed', 'denied', 'opened']),
        by: z.string(),
        atMs: z.int(),
        blockFace: z.optional(z.boolean()),
      }),
    ),
    wrongNumbers: orNull(z.set(z.number())),
    scan: z.optional(
      z.object({ name: z.string(), language: languageSchema, secretSha256: sha256 }),
    ),
    undone: z.optional(z.int()),
  }),
)
