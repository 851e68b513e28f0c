/**
 * Questions to the owner, each one item beside its visit. Whether an answer counts is a condition
 * on that item alone, so of any number of answers at once one is the decision.
 */
import {
  type DynamoDBDocumentClient,
  GetCommand,
  PutCommand,
  TransactWriteCommand,
  UpdateCommand,
} from '@aws-sdk/lib-dynamodb'
import * as z from 'zod/mini'
import {
  type ApprovalRequest,
  type RequestRef,
  wrongNumbersAllowed,
} from '../../approvals/core/approval.ts'
import { type DecideAnswer, type Requests, StoreFault } from '../../ports.ts'
import {
  counted,
  doorKey,
  goneAfterDays,
  isUnmet,
  orNull,
  reader,
  withoutNulls,
  written,
  writtenTogether,
} from './rows.ts'
import { visitorLine } from './visitor-row.ts'

export interface RequestsDeps {
  readonly client: DynamoDBDocumentClient
  readonly visitsTable: string
  readonly visitorsTable: string
}

type Asked = Parameters<Requests['decide']>[0]

const keptDays = 30

export function requestsDynamodb(deps: RequestsDeps): Requests {
  const { client, visitsTable } = deps
  return {
    async open(request, leaseUntilMs, limits) {
      const Put = opening(deps, request, leaseUntilMs)
      if (!limits) {
        const answer = await written(() => client.send(new PutCommand(Put)))
        return isUnmet(answer) ? 'taken' : 'mine'
      }
      const place = { pk: `limit#approvals#${request.doorId}`, sk: 'limit' }
      const Update = counted(visitsTable, place, limits, request.askedAtMs)
      const both = new TransactWriteCommand({ TransactItems: [{ Put }, { Update }] })
      const parts = await writtenTogether(() => client.send(both))
      if (!parts) return 'mine'
      return parts[0] ? 'taken' : 'limited'
    },

    async markMailed(request, atMs) {
      const update = new UpdateCommand({
        TableName: visitsTable,
        Key: keyOf(request),
        UpdateExpression: 'SET mailedAtMs = if_not_exists(mailedAtMs, :at)',
        ConditionExpression: 'attribute_exists(pk)',
        ExpressionAttributeValues: { ':at': atMs },
      })
      // Should it be gone by now, nothing can send it again either.
      await written(() => client.send(update))
    },

    async find(request) {
      const Key = keyOf(request)
      const get = new GetCommand({ TableName: visitsTable, Key, ConsistentRead: true })
      const { Item } = await client.send(get)
      return Item ? requestOf(Item) : null
    },

    async decide(asked) {
      if (await countsAsWrong(deps, asked)) return refused('wrong-number')
      const parts = await writtenTogether(() => client.send(decision(deps, asked)))
      if (!parts) return { outcome: 'decided' }
      const [request, visitor] = parts
      if (request) return whyNot(request.row, asked)
      if (visitor) throw new StoreFault('exists', 'A visitor of this id is on file already.')
      throw new StoreFault('busy', 'A decision was neither kept nor refused.')
    },
  }
}

const keyOf = (request: RequestRef) => ({
  pk: doorKey(request),
  sk: `request#${request.visitId}#${request.subject}`,
})

// ---------------------------------------------------------------- the item

const sha256 = z.string().check(z.regex(/^[0-9a-f]{64}$/))

const requestRow = reader(
  'visits',
  z.object({
    household: z.string(),
    doorId: z.string(),
    visitId: z.string(),
    subject: z.string(),
    visitNumber: z.nullable(z.int()),
    face: z.object({ key: z.string(), sha256 }),
    why: z.enum(['nobody-on-file', 'weak-match', 'seen-once']),
    resembles: orNull(z.object({ visitorId: z.string(), similarity: z.number() })),
    askedAtMs: z.int(),
    expiresAtMs: z.int(),
    tokenSha256: sha256,
    decision: orNull(
      z.object({
        ...{ outcome: z.enum(['allowed', 'denied']), by: z.string(), atMs: z.int() },
        blockFace: z.optional(z.boolean()),
      }),
    ),
    wrongNumbers: orNull(z.set(z.number())),
  }),
)

function requestOf(row: unknown): ApprovalRequest {
  const { wrongNumbers: _, ...request } = requestRow(row)
  return request
}

/**
 * Whoever had the lease may have sent a mail without living to say so. A new one replaces the
 * secret, so that only the last mail's link works.
 */
const opening = (deps: RequestsDeps, request: ApprovalRequest, leaseUntilMs: number) => ({
  TableName: deps.visitsTable,
  Item: {
    ...keyOf(request),
    ...withoutNulls(request),
    // A condition compares this one, so it has to be there.
    visitNumber: request.visitNumber,
    mailLeaseUntilMs: leaseUntilMs,
    ttl: goneAfterDays(request.askedAtMs, keptDays),
  },
  ConditionExpression:
    'attribute_not_exists(pk) OR (attribute_not_exists(mailedAtMs) AND attribute_not_exists(decision) AND mailLeaseUntilMs <= :now)',
  ExpressionAttributeValues: { ':now': request.askedAtMs },
})

// ---------------------------------------------------------------- deciding

const mayGuess = '(attribute_not_exists(wrongNumbers) OR size(wrongNumbers) < :allowed)'
const isOpen = 'attribute_not_exists(decision) AND expiresAtMs > :now'

/**
 * A wrong number is counted in the same breath as it is found wrong. Were it judged first and
 * counted later, many guesses at once would all be judged before the first is counted. The same
 * number again is no further guess: a program that tries every mail's link types the same each time,
 * and must not close it for the owner.
 */
async function countsAsWrong(deps: RequestsDeps, asked: Asked): Promise<boolean> {
  const { request, proof, decision } = asked
  if (!proof || proof.isRight) return false
  if (proof.visitNumber === null) return true
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
  })
  return !isUnmet(await written(() => deps.client.send(update)))
}

function decision(deps: RequestsDeps, asked: Asked): TransactWriteCommand {
  const { request, proof, faceSha256, visitor } = asked
  const proven = `tokenSha256 = :token AND visitNumber = :number AND ${mayGuess}`
  const Update = {
    TableName: deps.visitsTable,
    Key: keyOf(request),
    UpdateExpression: 'SET decision = :decision',
    ConditionExpression: `${isOpen} AND face.sha256 = :face${proof ? ` AND ${proven}` : ''}`,
    ExpressionAttributeValues: {
      ':decision': asked.decision,
      ':now': asked.decision.atMs,
      ':face': faceSha256,
      ...(proof && {
        ':token': proof.tokenSha256,
        ':number': proof.visitNumber,
        ':allowed': wrongNumbersAllowed,
      }),
    },
    ReturnValuesOnConditionCheckFailure: 'ALL_OLD' as const,
  }
  const Put = visitor && {
    TableName: deps.visitorsTable,
    Item: visitorLine(visitor),
    ConditionExpression: 'attribute_not_exists(pk)',
  }
  return new TransactWriteCommand({ TransactItems: [{ Update }, ...(Put ? [{ Put }] : [])] })
}

const refused = (
  reason: Extract<DecideAnswer, { outcome: 'refused' }>['reason'],
): DecideAnswer => ({ outcome: 'refused', reason })

/** Whoever does not have the secret learns nothing else about the request. */
function whyNot(row: unknown, { proof, faceSha256, decision }: Asked): DecideAnswer {
  if (row === null) return refused('unknown')
  const request = requestRow(row)
  if (proof && proof.tokenSha256 !== request.tokenSha256) return refused('wrong-token')
  if (request.decision) return { outcome: 'already', decision: request.decision }
  if (request.expiresAtMs <= decision.atMs) return refused('expired')
  if (proof && (request.wrongNumbers?.size ?? 0) >= wrongNumbersAllowed) return refused('expired')
  if (faceSha256 !== request.face.sha256) return refused('other-photo')
  return refused('wrong-number')
}
