/** Every function of the deployment: one file of code, one role, one log. */
import { Duration, RemovalPolicy, Stack } from 'aws-cdk-lib'
import { type PolicyStatement, Role, ServicePrincipal } from 'aws-cdk-lib/aws-iam'
import {
  Architecture,
  type Code,
  type ILayerVersion,
  Function as LambdaFunction,
  LayerVersion,
  Runtime,
} from 'aws-cdk-lib/aws-lambda'
import { LogGroup, RetentionDays } from 'aws-cdk-lib/aws-logs'
import { Construct } from 'constructs'
import { acknowledge } from '../checks.ts'
import type { Duty } from './duties.ts'
import { type Permission, permissionsIn, type World } from './permissions.ts'

/** Where the code of a function comes from, so that tests need not bundle ten of them. */
export type CodeOf = (name: string) => Code

export function buildFunctions<Name extends string>(
  scope: Construct,
  world: World,
  codeOf: CodeOf,
  duties: Readonly<Record<Name, Duty>>,
): Record<Name, LambdaFunction> {
  const names = Object.keys(duties).filter((name): name is Name => name in duties)
  const built = names.map((name) => [name, buildFunction(scope, name, duties[name], world, codeOf)])
  return Object.fromEntries(built)
}

function buildFunction(
  scope: Construct,
  name: string,
  { memoryMb, seconds, may, needsFfmpeg = false }: Duty,
  world: World,
  codeOf: CodeOf,
): LambdaFunction {
  const here = new Construct(scope, name)
  const logGroup = new LogGroup(here, 'Log', {
    retention: RetentionDays.ONE_MONTH,
    removalPolicy: RemovalPolicy.DESTROY,
  })
  const allPermissions = permissionsIn(world)
  const permissions = may.map((permission) => allPermissions[permission])
  return new LambdaFunction(here, 'Function', {
    description: `smart-door ${name}`,
    runtime: Runtime.NODEJS_24_X,
    architecture: Architecture.ARM_64,
    handler: 'index.handler',
    code: codeOf(name),
    layers: needsFfmpeg ? layersOf(here, world) : [],
    memorySize: memoryMb,
    timeout: Duration.seconds(seconds),
    role: roleOf(here, logGroup, permissions),
    logGroup,
    environment: Object.assign({}, ...permissions.map(({ environment }) => environment)),
  })
}

const layersOf = (scope: Construct, { ffmpegLayer }: World): ILayerVersion[] =>
  ffmpegLayer === undefined ? [] : [LayerVersion.fromLayerVersionArn(scope, 'Ffmpeg', ffmpegLayer)]

/** Not AWS's ready-made role: that one may write every log of the account. */
function roleOf(scope: Construct, log: LogGroup, permissions: readonly Permission[]): Role {
  const role = new Role(scope, 'Role', { assumedBy: new ServicePrincipal('lambda.amazonaws.com') })
  log.grantWrite(role)
  for (const { statements, because } of permissions) {
    for (const statement of statements) {
      role.addToPolicy(statement)
      if (because !== undefined) acknowledgeWildcards(role, statement, because)
    }
  }
  return role
}

export function acknowledgeWildcards(
  scope: Construct,
  { resources }: PolicyStatement,
  because: string,
): void {
  for (const resource of resources.filter((one) => one.includes('*'))) {
    const named = asFindingNames(Stack.of(scope).resolve(resource))
    acknowledge(scope, { [`AwsSolutions-IAM5[Resource::${named}]`]: because })
  }
}

/** cdk-nag names a resource by its text, with references in angle brackets. */
function asFindingNames(resolved: unknown): string {
  if (typeof resolved === 'string') return resolved.replace(/\$\{/g, '<').replace(/\}/g, '>')
  const [[intrinsic, inside] = []] = Object.entries(Object(resolved))
  if (intrinsic === 'Fn::Join' && Array.isArray(inside) && Array.isArray(inside[1])) {
    return inside[1].map(asFindingNames).join(String(inside[0]))
  }
  return `<${Array.isArray(inside) ? inside.join('.') : String(inside)}>`
}
