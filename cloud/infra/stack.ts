/** One deployment, which serves any number of households and their doors. */
import { CfnOutput, Stack } from 'aws-cdk-lib'
import type { Construct } from 'constructs'
import { allowUploadsFrom, buildPhotos } from './data/photos.ts'
import { buildQueues, type DeadLetters } from './data/queues.ts'
import { buildTables } from './data/tables.ts'
import { buildClaims } from './doors/claims.ts'
import { buildDoors, connectDoors } from './doors/doors.ts'
import { buildStreamProcessors } from './doors/recognition.ts'
import {
  buildFunctions,
  type CodeOf,
  claimFunctions,
  functions,
  streamFunctions,
} from './functions/functions.ts'
import type { World } from './functions/permissions.ts'
import {
  catchFailures,
  connectQueues,
  connectSchedules,
  connectVisitors,
} from './functions/triggers.ts'
import { buildAlarms, buildAlarmTopic } from './notices/alarms.ts'
import { buildBudget } from './notices/budget.ts'
import { buildNoticeKey } from './notices/key.ts'
import { buildMail, buildTextReports, textPermission } from './notices/senders.ts'
import type { Settings } from './settings.ts'
import { decideSurvival } from './survival.ts'
import { buildMembers, connectFirstLogin } from './web/members.ts'
import { buildWebApi, connectWeb } from './web/web-api.ts'

export function buildStack(scope: Construct, settings: Settings, codeOf: CodeOf): Stack {
  const stack = new Stack(scope, 'SmartDoor', {
    description: 'smart-door: visits, approvals and passcodes',
  })
  const dead: DeadLetters = new Map()
  const tables = buildTables(stack)
  const queues = buildQueues(stack, dead)
  const photos = buildPhotos(stack, { 'snapshots/': queues.snapshots, 'raw/': queues.uploads })
  const web = buildWebApi(stack, settings)
  const videos = buildDoors(stack, settings.doors, { photos, webOrigin: web.origin })
  const alarmTopic = buildAlarmTopic(stack, settings)
  const mail = buildMail(stack, settings, alarmTopic)
  const textReports = settings.texts === 'sns' ? null : buildTextReports(stack, queues.checkGrant)
  buildBudget(stack, settings)

  const members = buildMembers(stack, web.origin)
  allowUploadsFrom(photos, web.origin)

  const world: World = {
    tables,
    photos,
    queues,
    texts: () => textPermission(settings, textReports),
    mailFrom: settings.mailFrom,
    mailConfigurationSet: mail.configurationSetName,
    webOrigin: web.origin,
    frontKey: web.frontKey,
    userPool: members.pool,
    noticeKey: buildNoticeKey(stack),
    issuer: members.issuer,
    clientId: members.clientId,
    ffmpegLayer: settings.ffmpegLayer,
    claimableDoors: settings.claimableDoors,
    lambdaConcurrency: settings.lambdaConcurrency,
  }
  const built = buildFunctions(stack, world, codeOf, functions)
  connectQueues(built, queues, settings)
  connectVisitors(stack, built['visitor-changed'], tables, dead)
  catchFailures(stack, built['from-door'], dead)
  connectDoors(stack, built['from-door'], dead)
  connectFirstLogin(members, built['first-login'])
  connectSchedules(stack, built, dead)
  connectWeb(stack, web, built.web)
  if (settings.recognition === 'stream-processor') {
    const { 'sighting-from-stream': fn } = buildFunctions(stack, world, codeOf, streamFunctions)
    buildStreamProcessors(stack, videos, fn, dead)
  }
  if (settings.claimableDoors.length > 0) {
    const { 'claim-door': hook } = buildFunctions(stack, world, codeOf, claimFunctions)
    buildClaims(stack, settings.claimableDoors, hook)
  }
  buildAlarms(stack, alarmTopic, { dead, queues, api: web.api }, settings)
  // For `npm run cloud`.
  new CfnOutput(stack, 'WebOrigin', { value: web.origin })
  new CfnOutput(stack, 'UserPoolId', { value: members.pool.userPoolId })
  new CfnOutput(stack, 'VisitsTable', { value: tables.visits.tableName })
  new CfnOutput(stack, 'PasscodesTable', { value: tables.passcodes.tableName })
  new CfnOutput(stack, 'VisitorsTable', { value: tables.visitors.tableName })
  new CfnOutput(stack, 'PhotosBucket', { value: photos.bucketName })
  new CfnOutput(stack, 'AlarmTopicArn', { value: alarmTopic.topicArn })
  new CfnOutput(stack, 'DoorNames', { value: settings.doors.join(',') || 'none' })
  decideSurvival(stack, settings)
  return stack
}
