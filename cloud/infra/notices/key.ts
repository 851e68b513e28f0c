/** The secret that the keys of pushes are made from. AWS generates it, and it is never shown. */
import { RemovalPolicy } from 'aws-cdk-lib'
import { Secret } from 'aws-cdk-lib/aws-secretsmanager'
import type { Construct } from 'constructs'
import { acknowledge } from '../checks.ts'

export function buildNoticeKey(scope: Construct): Secret {
  const secret = new Secret(scope, 'NoticeKey', {
    secretName: 'smart-door/notice-key',
    generateSecretString: {
      ...{ passwordLength: 64, excludePunctuation: true, requireEachIncludedType: false },
    },
    // Without the stack there is nothing to be notified of.
    removalPolicy: RemovalPolicy.DESTROY,
  })
  acknowledge(secret, {
    'AwsSolutions-SMG4': 'With another key every device would have to be added again.',
  })
  return secret
}
