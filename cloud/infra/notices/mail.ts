/**
 * The address that mail comes from. AWS writes to it once; until somebody follows the link in that
 * letter, nothing is sent. docs/cloud.md has the steps.
 */
import {
  ConfigurationSet,
  ConfigurationSetTlsPolicy,
  EmailIdentity,
  Identity,
  SuppressionReasons,
} from 'aws-cdk-lib/aws-ses'
import { Construct } from 'constructs'

export function buildMail(scope: Construct, mailFrom: string): void {
  const here = new Construct(scope, 'Mail')
  const configurationSet = new ConfigurationSet(here, 'Ways', {
    configurationSetName: 'smart-door',
    // Rather no mail than one that anybody on the way can read.
    tlsPolicy: ConfigurationSetTlsPolicy.REQUIRE,
    reputationMetrics: true,
    suppressionReasons: SuppressionReasons.BOUNCES_AND_COMPLAINTS,
  })
  new EmailIdentity(here, 'From', { identity: Identity.email(mailFrom), configurationSet })
}
