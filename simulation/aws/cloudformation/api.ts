/**
 * CloudFormation's API, as far as the CDK and the owner's commands call it. A change set is the only
 * way to deploy, and its resources are made in the background, as in AWS.
 */

import { randomUUID } from 'node:crypto'
import type { AccountFacts } from '../account.ts'
import { type Form, queryService, required } from '../query-service.ts'
import { AwsError, type AwsService } from '../wire.ts'
import type { Stack as DeployedStack } from './stack.ts'
import { parseTemplate, type Template } from './template.ts'

/** What became of a template. */
type MadeStack = Pick<DeployedStack, 'outputs' | 'resources'>

export interface CloudFormationOptions {
  readonly account: string
  readonly region: string
  nowMs(): number
  /** Makes everything in the template, or throws a sentence that names the resource at fault. */
  make(stackName: string, template: Template): Promise<MadeStack>
  /** Stacks that were deployed otherwise. */
  readonly facts: Pick<AccountFacts, 'stacks' | 'stackStatus'>
  /** An object of a bucket, for templates that were uploaded before. */
  object(bucket: string, key: string): Uint8Array | null
}

interface Stack {
  readonly name: string
  readonly id: string
  readonly createdAt: Date
  status: string
  reason: string | undefined
  template: string
  isProtected: boolean
  made: MadeStack
  readonly events: StackEvent[]
}

interface StackEvent {
  readonly LogicalResourceId: string
  readonly ResourceType: string
  readonly ResourceStatus: string
  readonly ResourceStatusReason?: string | undefined
}

interface ChangeSet {
  readonly id: string
  readonly name: string
  readonly stack: Stack
  readonly template: string
  readonly creates: boolean
  readonly isEmpty: boolean
}

const nothing: MadeStack = { outputs: {}, resources: [] }

export function cloudFormation(options: CloudFormationOptions): AwsService {
  const stacks = new Map<string, Stack>()
  const changeSets = new Map<string, ChangeSet>()
  const arnOf = (kind: string, name: string) =>
    `arn:aws:cloudformation:${options.region}:${options.account}:${kind}/${name}/${randomUUID()}`
  const find = (nameOrId: string): Stack => {
    const found = [...stacks.values()].find(
      ({ name, id, status }) =>
        nameOrId === id || (nameOrId === name && status !== 'DELETE_COMPLETE'),
    )
    if (found) return found
    const { stacks: deployed, stackStatus: status } = options.facts
    const outputs = deployed.get(nameOrId)
    if (outputs) return { ...newStack(nameOrId), status, made: { ...nothing, outputs } }
    throw invalid(`Stack with id ${nameOrId} does not exist`)
  }
  const findChangeSet = (form: Form): ChangeSet => {
    const name = required(form, 'ChangeSetName')
    const found = changeSets.get(name) ?? [...changeSets.values()].find((one) => one.name === name)
    if (found) return found
    throw new AwsError(404, 'ChangeSetNotFound', `ChangeSet [${name}] does not exist`)
  }
  const newStack = (name: string): Stack => ({
    name,
    id: arnOf('stack', name),
    createdAt: new Date(options.nowMs()),
    status: 'REVIEW_IN_PROGRESS',
    reason: undefined,
    template: '{}',
    isProtected: false,
    made: nothing,
    events: [],
  })
  /** Afterwards it is found by its id only. */
  const remove = (stack: Stack) => {
    stack.status = 'DELETE_COMPLETE'
    stacks.delete(stack.name)
    stacks.set(stack.id, stack)
  }
  return queryService({
    name: 'cloudformation',
    namespace: 'http://cloudformation.amazonaws.com/doc/2010-05-15/',
    operations: {
      DescribeStacks(form) {
        const name = form.get('StackName')
        const chosen = name
          ? [find(name)]
          : [...stacks.values()].filter(({ status }) => status !== 'DELETE_COMPLETE')
        return { Stacks: chosen.map(describedStack) }
      },
      CreateChangeSet(form) {
        const name = required(form, 'StackName')
        const stack = stacks.get(name) ?? newStack(name)
        stacks.set(name, stack)
        const id = arnOf('changeSet', required(form, 'ChangeSetName'))
        const template = templateIn(form, options) ?? stack.template
        changeSets.set(id, {
          id,
          name: required(form, 'ChangeSetName'),
          stack,
          template,
          creates: form.get('ChangeSetType') === 'CREATE',
          isEmpty: template === stack.template,
        })
        return { Id: id, StackId: stack.id }
      },
      DescribeChangeSet: (form) => describedChangeSet(findChangeSet(form)),
      DeleteChangeSet(form) {
        // One that does not exist is no error.
        const name = required(form, 'ChangeSetName')
        for (const one of changeSets.values()) if (one.name === name) changeSets.delete(one.id)
        changeSets.delete(name)
        return {}
      },
      ExecuteChangeSet(form) {
        void execute(findChangeSet(form), options)
        return {}
      },
      DeleteStack(form) {
        const stack = find(required(form, 'StackName'))
        if (stack.isProtected)
          throw invalid(
            `Stack [${stack.name}] cannot be deleted while TerminationProtection is enabled`,
          )
        remove(stack)
        return {}
      },
      DescribeStackEvents: (form) => ({
        StackEvents: find(required(form, 'StackName')).events.toReversed(),
      }),
      DescribeStackResources: (form) => ({
        StackResources: resourcesOf(find(required(form, 'StackName'))),
      }),
      ListStackResources: (form) => ({
        StackResourceSummaries: resourcesOf(find(required(form, 'StackName'))),
      }),
      GetTemplate: (form) => ({ TemplateBody: find(required(form, 'StackName')).template }),
      UpdateTerminationProtection(form) {
        const stack = find(required(form, 'StackName'))
        stack.isProtected = form.get('EnableTerminationProtection') === 'true'
        return { StackId: stack.id }
      },
    },
  })
}

// ---------------------------------------------------------------- deploying

async function execute({ stack, template, creates }: ChangeSet, options: CloudFormationOptions) {
  const kind = creates ? 'CREATE' : 'UPDATE'
  const say = (status: string, reason?: string) => {
    stack.status = status
    stack.reason = reason
    add(stack, options, {
      LogicalResourceId: stack.name,
      ResourceType: 'AWS::CloudFormation::Stack',
      ResourceStatus: status,
      ResourceStatusReason: reason,
    })
  }
  say(`${kind}_IN_PROGRESS`)
  try {
    stack.made = await options.make(stack.name, parseTemplate(JSON.parse(template)))
  } catch (error) {
    const reason = error instanceof Error ? error.message : String(error)
    return say(creates ? 'ROLLBACK_COMPLETE' : 'UPDATE_ROLLBACK_COMPLETE', reason)
  }
  stack.template = template
  for (const { logicalId, type } of stack.made.resources) {
    add(stack, options, {
      LogicalResourceId: logicalId,
      ResourceType: type,
      ResourceStatus: `${kind}_COMPLETE`,
    })
  }
  say(`${kind}_COMPLETE`)
}

function add({ id, name, events }: Stack, { nowMs }: CloudFormationOptions, event: StackEvent) {
  const Timestamp = new Date(nowMs())
  events.push({ ...event, ...{ EventId: randomUUID(), StackId: id, StackName: name, Timestamp } })
}

/** In the call itself, or uploaded before when it is long. */
function templateIn(form: Form, { object }: CloudFormationOptions): string | null {
  const body = form.get('TemplateBody')
  const url = form.get('TemplateURL')
  if (!url) return body
  const { hostname, pathname } = new URL(url)
  const [, ofHost] = /^(.+)\.s3[.-]/.exec(hostname) ?? []
  const path = ofHost === undefined ? pathname.slice(1) : `${ofHost}${pathname}`
  const [bucket = '', ...key] = path.split('/')
  const bytes = object(bucket, key.join('/'))
  if (bytes) return Buffer.from(bytes).toString('utf8')
  throw invalid(`S3 error: The specified key does not exist: ${path}`)
}

const invalid = (message: string): AwsError => new AwsError(400, 'ValidationError', message)

// ---------------------------------------------------------------- answers

const describedStack = ({ name, id, createdAt, status, reason, isProtected, made }: Stack) => ({
  StackId: id,
  StackName: name,
  CreationTime: createdAt,
  StackStatus: status,
  StackStatusReason: reason,
  EnableTerminationProtection: isProtected,
  Outputs: Object.entries(made.outputs).map(([OutputKey, OutputValue]) => ({
    OutputKey,
    OutputValue,
  })),
})

const describedChangeSet = ({ id, name, stack, isEmpty }: ChangeSet) => ({
  ChangeSetId: id,
  ChangeSetName: name,
  StackId: stack.id,
  StackName: stack.name,
  Status: isEmpty ? 'FAILED' : 'CREATE_COMPLETE',
  StatusReason: isEmpty
    ? "The submitted information didn't contain changes. Submit different information to create a change set."
    : undefined,
  ExecutionStatus: isEmpty ? 'UNAVAILABLE' : 'AVAILABLE',
  Changes: isEmpty ? [] : [{ Type: 'Resource', ResourceChange: { Action: 'Modify' } }],
})

const resourcesOf = ({ made: { resources }, createdAt, status }: Stack) =>
  resources.map(({ logicalId, physicalId, type }) => ({
    LogicalResourceId: logicalId,
    PhysicalResourceId: physicalId,
    ResourceType: type,
    LastUpdatedTimestamp: createdAt,
    Timestamp: createdAt,
    ResourceStatus: status.startsWith('UPDATE') ? 'UPDATE_COMPLETE' : 'CREATE_COMPLETE',
  }))
