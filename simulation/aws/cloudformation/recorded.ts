/** Types of resources that no stand-in acts on, each with the reason. */
import { createHash } from 'node:crypto'
import * as z from 'zod/mini'
import type { Deployed } from './deployed.ts'
import {
  type Created,
  type NewResource,
  type ResourceType,
  type ResourceTypes,
  resourceType,
} from './resources.ts'

/** What `Ref` and `Fn::GetAtt` give for such a resource. */
type Identify = (properties: Readonly<Record<string, unknown>>, at: NewResource) => Created

const named =
  (name: string): Identify =>
  (properties, at) => ({ ref: String(properties[name] ?? at.uniqueName()) })

const identities: Readonly<Record<string, Identify>> = {
  // Nothing measures, so nothing can be too much.
  'AWS::CloudWatch::Alarm': named('AlarmName'),
  // What functions log is shown in the timeline and in tests.
  'AWS::Logs::LogGroup': (properties, at) => {
    const name = String(properties['LogGroupName'] ?? at.uniqueName())
    return { ref: name, attributes: { Arn: at.arn('logs', `log-group:${name}:*`) } }
  },
  // Browsers come straight to the API; its limits and the function's own headers apply.
  'AWS::CloudFront::ResponseHeadersPolicy': (_, at) => ({ ref: idOf(at) }),
  // The stand-in for SES delivers every mail, from any sender.
  'AWS::SES::ConfigurationSet': named('Name'),
  'AWS::SES::ConfigurationSetEventDestination': named('Name'),
  // Nothing here costs anything.
  'AWS::Budgets::Budget': named('BudgetName'),
}

const idOf = (at: NewResource): string =>
  createHash('sha256').update(at.uniqueName()).digest('hex').slice(0, 13)

const recorded =
  (type: string, identify: Identify, deployed: Deployed): ResourceType =>
  (properties, at) => {
    const created = identify(Object(properties), at)
    deployed.recorded.push({ type, ref: created.ref, properties })
    return created
  }

/** Its DNS records are for a person to set. */
const mailIdentityType = ({ mailIdentities }: Deployed): ResourceTypes => ({
  'AWS::SES::EmailIdentity': resourceType(
    z.strictObject({
      EmailIdentity: z.string(),
      ConfigurationSetAttributes: z.optional(z.strictObject({ ConfigurationSetName: z.string() })),
    }),
    { MailFromAttributes: 'The stand-in for SES bounces nothing.' },
    ({ EmailIdentity, ConfigurationSetAttributes: set }) => {
      mailIdentities.set(EmailIdentity, set?.ConfigurationSetName ?? null)
      const tokens = [1, 2, 3].flatMap((nth) => [
        [`DkimDNSTokenName${nth}`, `token${nth}._domainkey.${EmailIdentity}`],
        [`DkimDNSTokenValue${nth}`, `token${nth}.dkim.amazonses.com`],
      ])
      return { ref: EmailIdentity, attributes: Object.fromEntries(tokens) }
    },
  ),
})

export const recordedTypes = (deployed: Deployed): ResourceTypes => ({
  ...mailIdentityType(deployed),
  ...Object.fromEntries(
    Object.entries(identities).map(([type, identify]) => [
      type,
      recorded(type, identify, deployed),
    ]),
  ),
})

const headerSchema = z.object({ HeaderName: z.string(), HeaderValue: z.string() })
const originSchema = z.object({ OriginCustomHeaders: z._default(z.array(headerSchema), []) })
const distributionSchema = z.object({
  DistributionConfig: z.object({ Origins: z.array(originSchema) }),
})
const headersOf = (origin: z.infer<typeof originSchema>) => origin.OriginCustomHeaders

/**
 * CloudFront. `Distribution` answers at the address where the pages are on this machine, so that a
 * browser can open them.
 */
export const pagesTypes = (deployed: Deployed, webOrigin: string): ResourceTypes => ({
  'AWS::CloudFront::Distribution': recorded(
    'AWS::CloudFront::Distribution',
    (properties, at) => {
      const { DistributionConfig } = distributionSchema.parse(properties)
      for (const { HeaderName, HeaderValue } of DistributionConfig.Origins.flatMap(headersOf)) {
        deployed.front[HeaderName] = HeaderValue
      }
      const attributes = { DomainName: new URL(webOrigin).host }
      return { ref: idOf(at).toUpperCase(), attributes }
    },
    deployed,
  ),
})
