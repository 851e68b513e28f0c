/**
 * What doors need: names, what their certificates allow, keys, video streams, and the way of their
 * messages. A certificate belongs to a thing and the policy only speaks of that thing, so no door
 * can be another, whatever its daemon is made to say.
 */
import { Duration, RemovalPolicy } from 'aws-cdk-lib'
import { PolicyStatement, Role, ServicePrincipal } from 'aws-cdk-lib/aws-iam'
import { CfnPolicy, CfnRoleAlias, CfnThing, CfnTopicRule } from 'aws-cdk-lib/aws-iot'
import { CfnStream } from 'aws-cdk-lib/aws-kinesisvideo'
import type { Function as LambdaFunction } from 'aws-cdk-lib/aws-lambda'
import type { Bucket } from 'aws-cdk-lib/aws-s3'
import { Secret } from 'aws-cdk-lib/aws-secretsmanager'
import { Construct } from 'constructs'
import { eventFilter } from '../../../protocol/topics.ts'
import { acknowledge } from '../checks.ts'
import { type DeadLetters, deadLetters } from '../data/queues.ts'
import { acknowledgeWildcards } from '../functions/functions.ts'
import { arn } from '../functions/permissions.ts'

/** For how long the owner can look at what the camera saw. */
const recordingKept = Duration.days(7)
const credentialsLast = Duration.hours(1)
export const roleAliasName = 'smart-door'
export const doorPolicyName = 'smart-door'

/** AWS puts the thing that a connection's certificate belongs to in the place of these. */
const thing = variable('iot:Connection.Thing.ThingName')
const credentialsThing = variable('credentials-iot:ThingName')

function variable(name: string): string {
  return `$\{${name}}`
}

export function buildDoors(
  scope: Construct,
  doors: readonly string[],
  photos: Bucket,
): ReadonlyMap<string, CfnStream> {
  const here = new Construct(scope, 'Doors')
  const role = doorRole(here, photos)
  const alias = new CfnRoleAlias(here, 'Alias', {
    roleAlias: roleAliasName,
    roleArn: role.roleArn,
    credentialDurationSeconds: credentialsLast.toSeconds(),
  })
  new CfnPolicy(here, 'Policy', {
    policyName: doorPolicyName,
    policyDocument: { Version: '2012-10-17', Statement: doorStatements(alias.attrRoleAliasArn) },
  })
  return new Map(doors.map((doorId) => [doorId, buildDoor(new Construct(here, doorId), doorId)]))
}

function buildDoor(here: Construct, doorId: string): CfnStream {
  new CfnThing(here, 'Thing', { thingName: doorId })
  doorKey(here, doorId)
  const stream = new CfnStream(here, 'Video', {
    name: doorId,
    mediaType: 'video/h264',
    dataRetentionInHours: recordingKept.toHours(),
  })
  return stream
}

/** 32 bytes in hex: made by AWS, seen by nobody, fetched once when the door is set up. */
function doorKey(here: Construct, doorId: string): void {
  const secret = new Secret(here, 'Key', {
    secretName: `smart-door/door-key/${doorId}`,
    generateSecretString: {
      passwordLength: 64,
      excludeUppercase: true,
      excludePunctuation: true,
      excludeCharacters: 'ghijklmnopqrstuvwxyz',
      requireEachIncludedType: false,
    },
    removalPolicy: RemovalPolicy.RETAIN,
  })
  acknowledge(secret, {
    'AwsSolutions-SMG4':
      'Door and cloud have to change to a new key together, so a door is set up anew instead.',
  })
}

// ---------------------------------------------------------------- what a certificate allows

function doorStatements(roleAliasArn: string): object[] {
  const shadow = `$aws/things/${thing}/shadow/name/config/*`
  const topics = (kind: string, ...names: string[]) =>
    names.map((name) => arn('iot', `${kind}/${name}`))
  const events = `door/v1/${thing}/evt/*`
  const commands = `door/v1/${thing}/cmd/*`
  return [
    {
      Effect: 'Allow',
      Action: 'iot:Connect',
      Resource: arn('iot', `client/${thing}`),
      Condition: { Bool: { 'iot:Connection.Thing.IsAttached': 'true' } },
    },
    { Effect: 'Allow', Action: 'iot:Publish', Resource: topics('topic', events, shadow) },
    { Effect: 'Allow', Action: 'iot:Subscribe', Resource: topics('topicfilter', commands, shadow) },
    { Effect: 'Allow', Action: 'iot:Receive', Resource: topics('topic', commands, shadow) },
    // Not asked over MQTT, so there is no connection whose thing could be named here.
    { Effect: 'Allow', Action: 'iot:AssumeRoleWithCertificate', Resource: roleAliasArn },
  ]
}

/** What a door can do with the hour's credentials that it gets for its certificate. */
function doorRole(scope: Construct, photos: Bucket): Role {
  const role = new Role(scope, 'Role', {
    assumedBy: new ServicePrincipal('credentials.iot.amazonaws.com'),
    maxSessionDuration: credentialsLast,
  })
  const statements = [
    new PolicyStatement({
      actions: ['s3:PutObject'],
      resources: [photos.arnForObjects(`snapshots/${credentialsThing}/*`)],
    }),
    new PolicyStatement({
      actions: [
        ...['kinesisvideo:DescribeStream', 'kinesisvideo:GetDataEndpoint'],
        'kinesisvideo:PutMedia',
      ],
      resources: [arn('kinesisvideo', `stream/${credentialsThing}/*`)],
    }),
  ]
  for (const statement of statements) {
    role.addToPolicy(statement)
    acknowledgeWildcards(role, statement, 'Everything under the name of this one door.')
  }
  return role
}

// ---------------------------------------------------------------- what doors say

export function connectDoors(scope: Construct, fromDoor: LambdaFunction, dead: DeadLetters): void {
  const here = new Construct(scope, 'FromDoors')
  const failed = deadLetters(here, dead, 'FromDoorRule')
  const role = new Role(here, 'Role', { assumedBy: new ServicePrincipal('iot.amazonaws.com') })
  failed.grantSendMessages(role)
  const rule = new CfnTopicRule(here, 'Rule', {
    topicRulePayload: {
      // The topic says whose message it is, so none may bring a field that could pass for it.
      sql: `SELECT *, topic() AS topic FROM '${eventFilter}' WHERE isUndefined(topic)`,
      awsIotSqlVersion: '2016-03-23',
      actions: [{ lambda: { functionArn: fromDoor.functionArn } }],
      errorAction: { sqs: { queueUrl: failed.queueUrl, roleArn: role.roleArn, useBase64: false } },
    },
  })
  fromDoor.addPermission('DoorMessages', {
    principal: new ServicePrincipal('iot.amazonaws.com'),
    sourceArn: rule.attrArn,
  })
}
