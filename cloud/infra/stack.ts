/** All of one deployment, which serves any number of households and their doors. */
import { CfnOutput, Stack } from 'aws-cdk-lib'
import type { Function as LambdaFunction } from 'aws-cdk-lib/aws-lambda'
import type { Construct } from 'constructs'
import { allowUploadsFrom, buildPhotos } from './data/photos.ts'
import { buildQueues, type DeadLetters } from './data/queues.ts'
import { buildTables } from './data/tables.ts'
import { buildClaims } from './doors/claims.ts'
import { buildDoors, connectDoors } from './doors/doors.ts'
import { buildCollections, buildStreamProcessors } from './doors/recognition.ts'
import { claimDuty, duties, streamDuty } from './functions/duties.ts'
import { buildFunctions, type CodeOf } from './functions/functions.ts'
import type { World } from './functions/permissions.ts'
import {
  catchFailures,
  connectQueues,
  connectSchedule,
  connectVisitors,
} from './functions/triggers.ts'
import { buildAlarms } from './notices/alarms.ts'
import { buildMail } from './notices/mail.ts'
import { buildTexts } from './notices/sms.ts'
import type { Settings } from './settings.ts'
import { buildMembers, connectFirstLogin } from './web/members.ts'
import { buildWebApi, connectWeb } from './web/web-api.ts'

export function buildStack(scope: Construct, settings: Settings, codeOf: CodeOf): Stack {
  const stack = new Stack(scope, 'SmartDoor', {
    description: 'smart-door: visits, approvals and passcodes',
    terminationProtection: true,
  })
  const dead: DeadLetters = new Map()
  const tables = buildTables(stack)
  const queues = buildQueues(stack, dead)
  const photos = buildPhotos(stack, { 'snapshots/': queues.snapshots, 'raw/': queues.uploads })
  const videos = buildDoors(stack, settings.doors, photos)
  buildCollections(stack, settings.doors)
  buildMail(stack, settings.mailFrom)

  const web = buildWebApi(stack, settings)
  const members = buildMembers(stack, web.origin)
  allowUploadsFrom(photos, web.origin)

  const world: World = {
    ...{ tables, photos, queues, mailFrom: settings.mailFrom },
    texts: buildTexts(stack, settings),
    ...{ ffmpegLayer: settings.ffmpegLayer, claimableDoors: settings.claimableDoors },
    pages: { webOrigin: web.origin, issuer: members.issuer, clientId: members.clientId },
  }
  const functions = buildFunctions(stack, world, codeOf, duties)
  connectQueues(functions, queues)
  connectVisitors(stack, functions['visitor-changed'], tables, dead)
  catchFailures(stack, functions['from-door'], dead, 'FromDoor')
  connectDoors(stack, functions['from-door'], dead)
  connectFirstLogin(members, functions['first-login'])
  connectSchedule(stack, functions.housekeeping, dead)
  connectWeb(stack, web, functions.web)
  const more: Record<string, LambdaFunction> = {}
  if (settings.recognition === 'stream-processor') {
    Object.assign(more, buildFunctions(stack, world, codeOf, streamDuty))
    for (const fn of Object.values(more)) buildStreamProcessors(stack, videos, fn, dead)
  }
  if (settings.claimableDoors.length > 0) {
    const hooks = buildFunctions(stack, world, codeOf, claimDuty)
    buildClaims(stack, settings.claimableDoors, hooks['claim-door'])
    Object.assign(more, hooks)
  }
  buildAlarms(stack, { dead, functions: { ...functions, ...more }, api: web.api }, settings)
  tellOwner(stack, { WebOrigin: web.origin, UserPoolId: members.pool.userPoolId })
  return stack
}

/** What the next steps in docs/cloud.md ask for. */
function tellOwner(stack: Stack, facts: Readonly<Record<string, string>>): void {
  for (const [name, value] of Object.entries(facts)) new CfnOutput(stack, name, { value })
}
