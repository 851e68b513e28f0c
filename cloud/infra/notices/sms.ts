/** The three ways to send a text, one of which an owner chooses, and what each has to be allowed. */
import { Aws } from 'aws-cdk-lib'
import { Effect, PolicyStatement } from 'aws-cdk-lib/aws-iam'
import { CfnNotifyConfiguration } from 'aws-cdk-lib/aws-smsvoice'
import type { Construct } from 'constructs'
import type { Settings } from '../settings.ts'

export interface TextOrigin {
  readonly environment: Readonly<Record<string, string>>
  readonly because: string
  statements(): PolicyStatement[]
}

const narrowed = 'Only from the one origin that was chosen for texts.'

export function buildTexts(scope: Construct, settings: Settings): TextOrigin {
  const { texts, smsOrigin } = settings
  switch (texts) {
    case 'sns':
      return {
        environment: { TEXTS: texts, ...(smsOrigin === '' ? {} : { SMS_ORIGIN: smsOrigin }) },
        because: 'A phone number is no resource of AWS; topics, which are, are denied.',
        statements: phonesButNoTopics,
      }
    case 'end-user-messaging':
      return {
        environment: { TEXTS: texts, SMS_ORIGIN: smsOrigin },
        because: narrowed,
        statements: () => [send('SendTextMessage', originArn(smsOrigin))],
      }
    case 'notify':
      return notify(scope, settings)
  }
}

const phonesButNoTopics = (): PolicyStatement[] => [
  new PolicyStatement({ actions: ['sns:Publish'], resources: ['*'] }),
  new PolicyStatement({
    effect: Effect.DENY,
    actions: ['sns:Publish'],
    resources: [`arn:${Aws.PARTITION}:sns:*:*:*`],
  }),
]

/** AWS's own numbers and words: no number to rent, no carrier to ask. */
function notify(scope: Construct, { smsTemplateId, smsCountries, texts }: Settings): TextOrigin {
  const configuration = new CfnNotifyConfiguration(scope, 'Notify', {
    displayName: 'smart-door',
    useCase: 'CODE_VERIFICATION',
    enabledChannels: ['SMS'],
    enabledCountries: [...smsCountries],
    defaultTemplateId: smsTemplateId,
  })
  return {
    environment: {
      TEXTS: texts,
      SMS_ORIGIN: configuration.attrNotifyConfigurationId,
      SMS_TEMPLATE_ID: smsTemplateId,
    },
    because: narrowed,
    statements: () => [send('SendNotifyTextMessage', configuration.attrNotifyConfigurationArn)],
  }
}

const send = (action: string, resource: string): PolicyStatement =>
  new PolicyStatement({ actions: [`sms-voice:${action}`], resources: [resource] })

function originArn(origin: string): string {
  const kinds = [
    [/^pool-/, `pool/${origin}`],
    [/^phone-/, `phone-number/${origin}`],
  ] as const
  const kind = kinds.find(([pattern]) => pattern.test(origin))
  // A sender id exists once for each country.
  const resource = kind ? kind[1] : `sender-id/${origin}/*`
  return `arn:${Aws.PARTITION}:sms-voice:${Aws.REGION}:${Aws.ACCOUNT_ID}:${resource}`
}
