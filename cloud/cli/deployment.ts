/** The deployed stack, and what works on its tables and accounts with the owner's own credentials. */
import { CloudFormation } from '@aws-sdk/client-cloudformation'
import * as z from 'zod/mini'
import { clientOptionsFor } from '../aws/client-options.ts'
import { accountsCognito } from '../aws/cognito/accounts.ts'
import { wire } from '../aws/wiring.ts'
import { doorRef } from '../doors/core/door-ref.ts'
import type { Log } from '../ports.ts'

export const stackName = 'SmartDoor'

/** A reason that an owner can act on. */
export class CannotDo extends Error {
  override readonly name = 'CannotDo'
}

export const outputsSchema = z.pipe(
  z.object({
    WebOrigin: z.url(),
    UserPoolId: z.string(),
    VisitsTable: z.string(),
    VisitorsTable: z.string(),
    PasscodesTable: z.string(),
    PhotosBucket: z.string(),
    AlarmTopicArn: z.string(),
    /** Separated by commas; `none` without any, since CloudFormation takes no empty text. */
    DoorNames: z.string(),
  }),
  z.transform(({ DoorNames, ...outputs }) => ({
    ...outputs,
    doorIds: DoorNames.split(',').filter((doorId) => doorRef(doorId) !== null),
  })),
)
export type Outputs = z.infer<typeof outputsSchema>

export const clientOptions = () => clientOptionsFor(process.env)

/** The first deployment has not been made, or it failed and was taken back. */
const undeployed = ['REVIEW_IN_PROGRESS', 'ROLLBACK_COMPLETE', 'DELETE_COMPLETE']
const finished = /^(CREATE|UPDATE|UPDATE_ROLLBACK)_COMPLETE(_CLEANUP_IN_PROGRESS)?$/

/** Null before the first deployment. Throws while one is being made or has failed half-way. */
export async function findOutputs(): Promise<Outputs | null> {
  const client = new CloudFormation(clientOptions())
  const { Stacks: [stack] = [] } = await client
    .describeStacks({ StackName: stackName })
    .catch((error: unknown) => {
      if (error instanceof Error && /does not exist/.test(error.message)) return { Stacks: [] }
      throw error
    })
  const status = stack?.StackStatus ?? 'DELETE_COMPLETE'
  if (!stack || undeployed.includes(status)) return null
  if (!finished.test(status)) {
    throw new CannotDo(
      `The stack ${stackName} is in the state ${status}: it is being deployed, or that has failed half-way. Nothing was changed. Wait until it has ended, or repair it in the console of CloudFormation, and try again.`,
    )
  }
  const entries = (stack.Outputs ?? []).map(({ OutputKey, OutputValue }) => [
    OutputKey,
    OutputValue,
  ])
  const read = outputsSchema.safeParse(Object.fromEntries(entries))
  if (read.success) return read.data
  const missing = read.error.issues.map(({ path }) => path.join('.')).join(', ')
  throw new CannotDo(`The stack lacks the outputs ${missing}. Run: npm run deploy`)
}

export async function deployment() {
  const outputs = await findOutputs()
  if (!outputs) {
    throw new CannotDo(
      `In this AWS account and region there is no finished stack ${stackName}. Run: npm run deploy`,
    )
  }
  const environment = {
    ...process.env,
    VISITORS_TABLE: outputs.VisitorsTable,
    PHOTOS_BUCKET: outputs.PhotosBucket,
  }
  return {
    outputs,
    accounts: accountsCognito(clientOptions(), outputs.UserPoolId),
    ...wire(['households', 'photos'], environment, { log: silent }),
  }
}

/** The commands say themselves what they did. */
const silent: Log = { info() {}, warn() {}, error() {} }
