/** User pools of a template, with their clients, domains and pages. */
import * as z from 'zod/mini'
import { type ResourceTypes, resourceType } from '../cloudformation/resources.ts'
import type { Cognito } from './cognito.ts'

/** Who signs people in instead of Cognito. */
export interface Issuer {
  readonly issuer: string
  readonly clientId: string
}

/** The service itself checks the properties. */
const properties = z.looseObject({})

export const cognitoTypes = (cognito: Cognito, instead: Issuer | undefined): ResourceTypes => ({
  'AWS::Cognito::UserPool': resourceType(properties, {}, (pool) => {
    const { id, arn, issuer } = cognito.createPool(pool)
    return { ref: id, attributes: { Arn: arn, ProviderURL: instead?.issuer ?? issuer } }
  }),
  'AWS::Cognito::UserPoolClient': resourceType(properties, {}, (client) => {
    const { clientId } = cognito.createClient(client)
    return { ref: instead?.clientId ?? clientId }
  }),
  'AWS::Cognito::UserPoolDomain': resourceType(
    z.looseObject({ Domain: z.string() }),
    {},
    (domain) => {
      cognito.createDomain(domain)
      return { ref: domain.Domain }
    },
  ),
  'AWS::Cognito::ManagedLoginBranding': resourceType(properties, {}, (branding, at) => {
    // The client of another issuer is unknown here.
    if (!instead) cognito.createBranding(branding)
    return { ref: at.uniqueName() }
  }),
})
