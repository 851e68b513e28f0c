/** The services that send mail and texts. */
import { Aws, CfnOutput, Fn } from 'aws-cdk-lib'
import { Effect, PolicyStatement, ServicePrincipal } from 'aws-cdk-lib/aws-iam'
import { PublicHostedZone } from 'aws-cdk-lib/aws-route53'
import {
  ConfigurationSet,
  ConfigurationSetTlsPolicy,
  EmailIdentity,
  EmailSendingEvent,
  EventDestination,
  Identity,
  MailFromBehaviorOnMxFailure,
  SuppressionReasons,
} from 'aws-cdk-lib/aws-ses'
import { CfnConfigurationSet as CfnTextConfigurationSet } from 'aws-cdk-lib/aws-smsvoice'
import { type ITopic, Topic } from 'aws-cdk-lib/aws-sns'
import { SqsSubscription } from 'aws-cdk-lib/aws-sns-subscriptions'
import type { Queue } from 'aws-cdk-lib/aws-sqs'
import { Construct } from 'constructs'
import { arn, type Permission } from '../functions/permissions.ts'
import type { Settings } from '../settings.ts'

/**
 * What mail is sent with. Mail that does not arrive is reported by way of the alarms, which do not
 * use SES. SES sends nothing until the identity is verified: docs/cloud.md.
 */
export function buildMail(
  scope: Construct,
  settings: Pick<Settings, 'mailFrom' | 'mailIdentity' | 'mailZone'>,
  alarmTopic: ITopic,
): ConfigurationSet {
  const here = new Construct(scope, 'Mail')
  const configurationSet = new ConfigurationSet(here, 'Delivery', {
    // A mail that cannot travel encrypted is not sent.
    tlsPolicy: ConfigurationSetTlsPolicy.REQUIRE,
    reputationMetrics: true,
    suppressionReasons: SuppressionReasons.BOUNCES_AND_COMPLAINTS,
  })
  configurationSet.addEventDestination('Problems', {
    destination: EventDestination.snsTopic(alarmTopic),
    // A mail to an address that bounced before is not sent, which SES reports as a bounce.
    events: [
      EmailSendingEvent.BOUNCE,
      EmailSendingEvent.COMPLAINT,
      EmailSendingEvent.REJECT,
      EmailSendingEvent.DELIVERY_DELAY,
    ],
  })
  // SES tries whether it may publish to the topic.
  configurationSet.node.findChild('Problems').node.addDependency(alarmTopic)
  buildIdentity(here, settings)
  return configurationSet
}

/** DMARC passes only for a domain: it signs the mail by DKIM, and bounces return to it. */
function buildIdentity(
  here: Construct,
  { mailFrom, mailIdentity, mailZone }: Pick<Settings, 'mailFrom' | 'mailIdentity' | 'mailZone'>,
): void {
  if (mailIdentity === 'existing') return
  if (mailIdentity === 'address') {
    new EmailIdentity(here, 'From', { identity: Identity.email(mailFrom) })
    return
  }
  const domain = mailFrom.slice(mailFrom.indexOf('@') + 1)
  const mailFromDomain = `bounces.${domain}`
  const zone = mailZone && { hostedZoneId: mailZone, zoneName: domain }
  const identity = new EmailIdentity(here, 'From', {
    identity: zone
      ? Identity.publicHostedZone(
          PublicHostedZone.fromPublicHostedZoneAttributes(here, 'Zone', zone),
        )
      : Identity.domain(domain),
    mailFromDomain,
    mailFromBehaviorOnMxFailure: MailFromBehaviorOnMxFailure.USE_DEFAULT_VALUE,
  })
  if (zone) return
  const dkim = identity.dkimRecords.map(({ name, value }) => `${name} CNAME ${value}`)
  const spf = '"v=spf1 include:amazonses.com ~all"'
  const bounces = [
    `${mailFromDomain} MX 10 feedback-smtp.${Aws.REGION}.amazonses.com`,
    `${mailFromDomain} TXT ${spf}`,
  ]
  new CfnOutput(here, 'Dns', { value: Fn.join('\n', [...dkim, ...bounces]) })
}

/**
 * End User Messaging reports what becomes of each text, to the queue that follows up codes. SNS has
 * no such reports, only a log.
 */
export function buildTextReports(scope: Construct, followUps: Queue): CfnTextConfigurationSet {
  const here = new Construct(scope, 'TextReports')
  const topic = new Topic(here, 'Topic', { enforceSSL: true })
  const publish = new PolicyStatement({
    principals: [new ServicePrincipal('sms-voice.amazonaws.com')],
    actions: ['sns:Publish'],
    resources: [topic.topicArn],
    conditions: { StringEquals: { 'aws:SourceAccount': Aws.ACCOUNT_ID } },
  })
  topic.addToResourcePolicy(publish)
  topic.addSubscription(new SqsSubscription(followUps, { rawMessageDelivery: true }))
  const destination = {
    eventDestinationName: 'reports',
    enabled: true,
    matchingEventTypes: ['TEXT_ALL'],
    snsDestination: { topicArn: topic.topicArn },
  }
  return new CfnTextConfigurationSet(here, 'Set', { eventDestinations: [destination] })
}

/** Permission to send texts by the service that the owner chose. */
export const textPermission = (
  { texts, smsOrigin }: Settings,
  reports: CfnTextConfigurationSet | null,
): Permission => (texts === 'sns' ? sns(smsOrigin) : endUserMessaging(smsOrigin, reports))

const sns = (origin: string): Permission => ({
  environment: { SMS_PROVIDER: 'sns', ...(origin !== '' && { SMS_ORIGIN: origin }) },
  wildcardReason: 'A phone number is not a resource in AWS; topics, which are, are denied.',
  statements: [
    new PolicyStatement({ actions: ['sns:Publish'], resources: ['*'] }),
    new PolicyStatement({
      effect: Effect.DENY,
      actions: ['sns:Publish'],
      resources: [`arn:${Aws.PARTITION}:sns:*:*:*`],
    }),
  ],
})

const endUserMessaging = (origin: string, reports: CfnTextConfigurationSet | null): Permission => ({
  environment: {
    SMS_PROVIDER: 'end-user-messaging',
    SMS_ORIGIN: origin,
    ...(reports && { SMS_CONFIGURATION_SET: reports.ref }),
  },
  wildcardReason: 'A sender id exists once for each country.',
  statements: [
    new PolicyStatement({
      actions: ['sms-voice:SendTextMessage'],
      resources: [arn('sms-voice', originResource(origin)), ...(reports ? [reports.attrArn] : [])],
    }),
  ],
})

function originResource(origin: string): string {
  if (origin.startsWith('pool-')) return `pool/${origin}`
  if (origin.startsWith('phone-')) return `phone-number/${origin}`
  return `sender-id/${origin}/*`
}
