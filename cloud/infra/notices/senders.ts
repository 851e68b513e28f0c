/** The services that send mail and texts. */
import { Aws } from 'aws-cdk-lib'
import { Effect, PolicyStatement } from 'aws-cdk-lib/aws-iam'
import {
  ConfigurationSet,
  ConfigurationSetTlsPolicy,
  EmailIdentity,
  Identity,
  SuppressionReasons,
} from 'aws-cdk-lib/aws-ses'
import { Construct } from 'constructs'
import { arn, type Permission } from '../functions/permissions.ts'
import type { Settings } from '../settings.ts'

/** SES sends nothing until the link in its first mail to this address was followed: docs/cloud.md. */
export function buildMail(scope: Construct, mailFrom: string): void {
  const here = new Construct(scope, 'Mail')
  const configurationSet = new ConfigurationSet(here, 'Delivery', {
    configurationSetName: 'smart-door',
    // A mail that cannot travel encrypted is not sent.
    tlsPolicy: ConfigurationSetTlsPolicy.REQUIRE,
    reputationMetrics: true,
    suppressionReasons: SuppressionReasons.BOUNCES_AND_COMPLAINTS,
  })
  new EmailIdentity(here, 'From', { identity: Identity.email(mailFrom), configurationSet })
}

/** Permission to send texts by the service that the owner chose. */
export const textPermission = ({ texts, smsOrigin }: Settings): Permission =>
  texts === 'sns' ? sns(smsOrigin) : endUserMessaging(smsOrigin)

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

const endUserMessaging = (origin: string): Permission => ({
  environment: { SMS_PROVIDER: 'end-user-messaging', SMS_ORIGIN: origin },
  wildcardReason: 'A sender id exists once for each country.',
  statements: [
    new PolicyStatement({
      actions: ['sms-voice:SendTextMessage'],
      resources: [arn('sms-voice', originResource(origin))],
    }),
  ],
})

function originResource(origin: string): string {
  if (origin.startsWith('pool-')) return `pool/${origin}`
  if (origin.startsWith('phone-')) return `phone-number/${origin}`
  return `sender-id/${origin}/*`
}
