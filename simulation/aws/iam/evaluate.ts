/**
 * Evaluates policies as AWS does, with an evaluator made for that. It interprets every statement that
 * it gets on each call, so it gets only those that name the action.
 */
import { createValidatedPolicy, type ValidatedPolicy } from '@cloud-copilot/iam-policy'
import { runUnsafeSimulation } from '@cloud-copilot/iam-simulate'
import type { Context, Need, Policy } from './records.ts'

/** Null if it is allowed. */
export type Refusal =
  | 'no identity-based allow'
  | 'no resource-based allow'
  | `explicit ${Side}`
  | null
type Side = 'identity' | 'resource'

export interface Request extends Need {
  /** The ARN of a session, or the name of a service such as `s3.amazonaws.com`. */
  readonly principal: string
  readonly account: string
  readonly identityPolicies: readonly Policy[]
  readonly resourcePolicy: Policy | null
}

/** Functions ask for the same few things again and again, and so do those of the next deployment. */
const remembered = new Map<string, Refusal>()
const mostRemembered = 10_000

export function evaluate(request: Request): Refusal {
  const { identityPolicies, resourcePolicy, ...asked } = request
  const key = JSON.stringify([asked, identityPolicies.map(numberOf), numberOf(resourcePolicy)])
  const before = remembered.get(key)
  if (before !== undefined) return before
  if (remembered.size >= mostRemembered) remembered.clear()
  const refusal = decide(request)
  remembered.set(key, refusal)
  return refusal
}

const numbers = new WeakMap<Policy, number>()
let lastNumber = 0

/** A policy never changes, so its number stands for what it says. */
function numberOf(policy: Policy | null): number {
  if (!policy) return 0
  const number = numbers.get(policy) ?? ++lastNumber
  numbers.set(policy, number)
  return number
}

function decide(request: Request): Refusal {
  const result = simulate(request, request.resourcePolicy)
  if (result === 'Allowed') return null
  const isService = !request.principal.startsWith('arn:')
  if (result === 'ImplicitlyDenied') {
    return isService ? 'no resource-based allow' : 'no identity-based allow'
  }
  const denies = simulate(request, null) === 'ExplicitlyDenied'
  return denies ? 'explicit identity' : 'explicit resource'
}

function simulate(request: Request, resourcePolicy: Policy | null) {
  const { principal, account, action, resource, context = {}, identityPolicies } = request
  return runUnsafeSimulation(
    {
      request: {
        principal,
        action,
        resource: { resource: named(resource), accountId: account },
        contextVariables: { ...connection(account), ...context },
      },
      identityPolicies: identityPolicies.map((policy) => ({
        name: policy.name,
        policy: concerning(policy, action),
      })),
      serviceControlPolicies: [],
      resourceControlPolicies: [],
      ...(resourcePolicy && { resourcePolicy: concerning(resourcePolicy, action) }),
    },
    {},
  )
}

/** Clients talk to AWS by TLS, to the stand-ins without it. */
const connection = (account: string): Context => ({
  'aws:SecureTransport': 'true',
  's3:TlsVersion': '1.3',
  'aws:PrincipalAccount': account,
})

/**
 * In the evaluator a `*` stands for all resources that it fits, which a name never does; and where
 * there is no resource, only a policy for `*` fits.
 */
const named = (resource: string): string =>
  resource === '*' ? 'none' : resource.replaceAll('*', '\u2217')

type Document = ValidatedPolicy<{ readonly name: string }>

const concerningByPolicy = new WeakMap<Policy, Map<string, Document>>()

/** The policy without the statements of other actions. */
function concerning(policy: Policy, action: string): Document {
  const byAction = concerningByPolicy.get(policy) ?? new Map<string, Document>()
  concerningByPolicy.set(policy, byAction)
  const known = byAction.get(action)
  if (known) return known
  const Statement = policy.statements.filter(({ Action }) =>
    [Action].flat().some((pattern) => patternOf(pattern).test(action)),
  )
  const document = createValidatedPolicy({ Version: '2012-10-17', Statement }, () => [], {
    name: policy.name,
  })
  byAction.set(action, document)
  return document
}

const patternOf = (pattern: string): RegExp =>
  new RegExp(
    `^${pattern
      .replace(/[.+^$()|[\]{}\\]/g, '\\$&')
      .replaceAll('*', '.*')
      .replaceAll('?', '.')}$`,
    'i',
  )
