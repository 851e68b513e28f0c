/** What remains when the deployment is removed, and what stands in the way of removing it. */
import { Aspects, CfnDeletionPolicy, CfnResource, type Stack } from 'aws-cdk-lib'
import { CfnUserPool } from 'aws-cdk-lib/aws-cognito'
import { CfnTable } from 'aws-cdk-lib/aws-dynamodb'
import type { IConstruct } from 'constructs'

/**
 * Data survives the stack, but not a first deployment that failed: it would be empty, and its names
 * would block the second try. For the same reason nothing is protected before the first success.
 */
export function decideSurvival(stack: Stack, { protect }: { readonly protect: boolean }): void {
  stack.terminationProtection = protect
  Aspects.of(stack).add({
    visit(node: IConstruct) {
      if (node instanceof CfnTable) node.deletionProtectionEnabled = protect
      if (node instanceof CfnUserPool) node.deletionProtection = protect ? 'ACTIVE' : 'INACTIVE'
      if (!(node instanceof CfnResource)) return
      if (node.cfnOptions.deletionPolicy !== CfnDeletionPolicy.RETAIN) return
      node.cfnOptions.deletionPolicy = CfnDeletionPolicy.RETAIN_EXCEPT_ON_CREATE
    },
  })
}
