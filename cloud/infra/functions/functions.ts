/**
 * Every function of the deployment: what it may do, how much memory and time it gets, and its log.
 * A role holds the permissions listed here and the right to write its own log, nothing else.
 */
import { Duration, RemovalPolicy } from 'aws-cdk-lib'
import { Role, ServicePrincipal } from 'aws-cdk-lib/aws-iam'
import {
  Architecture,
  type Code,
  Function as LambdaFunction,
  LayerVersion,
  Runtime,
} from 'aws-cdk-lib/aws-lambda'
import { LogGroup, RetentionDays } from 'aws-cdk-lib/aws-logs'
import { Construct } from 'constructs'
import { acknowledgeWildcards } from '../checks.ts'
import { queueSpecs } from '../data/queues.ts'
import { enoughConcurrency, pagesAtOnce, type Settings } from '../settings.ts'
import { type Permission, type PermissionName, permissionsFor, type World } from './permissions.ts'

interface FunctionSpec {
  readonly memoryMb: number
  readonly seconds: number
  readonly may: readonly PermissionName[]
  readonly needsFfmpeg?: boolean
  /** How often it runs at once at most: its own share, where the account allows one. */
  readonly atOnce?: number
}

/** AWS gives a function one whole processor from here on. Decoding JPEG in JavaScript needs it. */
const oneProcessorMb = 1769

/** For following up codes that were issued. */
const followUpCodes: readonly PermissionName[] = [
  'read-visits',
  'write-visits',
  'read-visitors',
  'read-passcodes',
  'write-passcodes',
  'door-keys',
]
const issueCodes: readonly PermissionName[] = [
  ...followUpCodes,
  'delayed-queue',
  'send-grant',
  'send-visit-status',
]
const askOwner: readonly PermissionName[] = ['mail', 'pushes', 'web-origin', 'read-faces']
const recogniseFaces: readonly PermissionName[] = ['find-faces', 'search-faces', 'write-faces']

export const functions = {
  'recognise-snapshot': {
    memoryMb: oneProcessorMb,
    seconds: queueSpecs.snapshots.functionSeconds,
    may: [...issueCodes, ...askOwner, ...recogniseFaces, 'read-snapshots', 'send-visitor-seen'],
  },
  'settle-visit': {
    memoryMb: 512,
    seconds: queueSpecs.settleVisit.functionSeconds,
    may: [...issueCodes, ...askOwner, 'send-visitor-seen'],
  },
  'from-door': {
    memoryMb: 512,
    seconds: 30,
    may: [
      ...followUpCodes,
      ...askOwner,
      'delayed-queue',
      'texts',
      'send-revoke-grant',
      'send-visit-status',
      'send-time',
      'send-visitor-removed',
      'send-state',
    ],
  },
  'check-grant': {
    memoryMb: 512,
    seconds: queueSpecs.checkGrant.functionSeconds,
    may: [...followUpCodes, 'mail', 'texts', 'pushes', 'web-origin', 'send-revoke-grant'],
  },
  web: {
    memoryMb: 1024,
    // Making a clip takes almost as long as the gateway waits.
    seconds: 29,
    atOnce: pagesAtOnce,
    may: [
      ...issueCodes,
      'send-revoke-grant',
      'send-unlock',
      'send-lift-pause',
      'send-watch-live',
      'send-new-sheet',
      'send-set-mode',
      'send-settings',
      'web-origin',
      'pushes',
      'front-key',
      'read-faces',
      'read-snapshots',
      'write-visitors',
      'add-faces',
      'sign-ins',
      'accounts',
      'upload-photos',
      'read-processed',
      'read-visitor-photos',
      'write-visitor-photos',
      'play-video',
      'store-clips',
      'keep-visit-photos',
      'delete-visit-photos',
    ],
  },
  'visitor-changed': {
    memoryMb: 512,
    seconds: 60,
    may: [
      'read-visits',
      'write-visits',
      'read-visitors',
      'write-visitors',
      'read-passcodes',
      'write-passcodes',
      'send-grant',
      'send-revoke-grant',
      'send-visitor-changed',
      'send-visitor-removed',
      'add-faces',
      'delete-faces',
      'read-visitor-photos',
      'delete-visitor-photos',
      'delete-visit-photos',
    ],
  },
  'photo-uploaded': {
    memoryMb: oneProcessorMb,
    seconds: queueSpecs.uploads.functionSeconds,
    may: ['process-uploads'],
  },
  'fetch-calendars': {
    memoryMb: 512,
    seconds: 300,
    may: [...followUpCodes, 'mail', 'pushes', 'send-grant', 'send-revoke-grant'],
  },
  'first-login': { memoryMb: 256, seconds: 5, may: ['add-members'] },
  housekeeping: {
    memoryMb: 512,
    seconds: 300,
    may: ['read-visitors', 'write-visitors', 'delete-faces', 'delete-visitor-photos'],
  },
} satisfies Record<string, FunctionSpec>

/** Deployed only with Rekognition's stream processors. */
export const streamFunctions = {
  'sighting-from-stream': {
    memoryMb: oneProcessorMb,
    seconds: 60,
    may: [...issueCodes, ...askOwner, ...recogniseFaces, 'read-video', 'send-visitor-seen'],
    needsFfmpeg: true,
  },
} satisfies Record<string, FunctionSpec>

/** Deployed only while some doors may be claimed. */
export const claimFunctions = {
  // AWS waits five seconds for the answer.
  'claim-door': { memoryMb: 256, seconds: 5, may: ['check-claims'] },
} satisfies Record<string, FunctionSpec>

type Switches = Pick<Settings, 'recognition' | 'claimableDoors'>

export const functionNames = ({ recognition, claimableDoors }: Switches): readonly string[] =>
  Object.keys({
    ...functions,
    ...(recognition === 'snapshots' ? {} : streamFunctions),
    ...(claimableDoors.length === 0 ? {} : claimFunctions),
  })

// ---------------------------------------------------------------- building

/** Where the code of a function comes from, so that tests need not bundle. */
export type CodeOf = (name: string) => Code

export function buildFunctions<Name extends string>(
  scope: Construct,
  world: World,
  codeOf: CodeOf,
  specs: Readonly<Record<Name, FunctionSpec>>,
): Record<Name, LambdaFunction> {
  const names = Object.keys(specs).filter((name): name is Name => name in specs)
  const built = names.map((name) => {
    const here = new Construct(scope, name)
    return [name, buildFunction(here, specs[name], world, codeOf(name))]
  })
  return Object.fromEntries(built)
}

function buildFunction(
  here: Construct,
  { memoryMb, seconds, may, needsFfmpeg = false, atOnce }: FunctionSpec,
  world: World,
  code: Code,
): LambdaFunction {
  const logGroup = new LogGroup(here, 'Log', {
    retention: RetentionDays.ONE_MONTH,
    removalPolicy: RemovalPolicy.DESTROY,
  })
  const all = permissionsFor(world)
  const permissions = may.map((name) => all[name])
  const { ffmpegLayer, lambdaConcurrency } = world
  const hasShare = atOnce !== undefined && lambdaConcurrency >= enoughConcurrency
  return new LambdaFunction(here, 'Function', {
    description: `smart-door ${here.node.id}`,
    runtime: Runtime.NODEJS_24_X,
    architecture: Architecture.ARM_64,
    handler: 'index.handler',
    code,
    layers:
      needsFfmpeg && ffmpegLayer
        ? [LayerVersion.fromLayerVersionArn(here, 'Ffmpeg', ffmpegLayer)]
        : [],
    memorySize: memoryMb,
    timeout: Duration.seconds(seconds),
    ...(hasShare && { reservedConcurrentExecutions: atOnce }),
    role: buildRole(here, logGroup, permissions),
    logGroup,
    environment: Object.assign({}, ...permissions.map(({ environment }) => environment)),
  })
}

/** AWS's ready-made role may write every log of the account; this one only its own. */
function buildRole(scope: Construct, log: LogGroup, permissions: readonly Permission[]): Role {
  const role = new Role(scope, 'Role', { assumedBy: new ServicePrincipal('lambda.amazonaws.com') })
  log.grantWrite(role)
  for (const { statements, wildcardReason } of permissions) {
    for (const statement of statements) {
      role.addToPolicy(statement)
      if (wildcardReason !== undefined) acknowledgeWildcards(role, statement, wildcardReason)
    }
  }
  return role
}
