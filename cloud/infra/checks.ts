/**
 * Rules that every synthesis must pass: the CDK's own template rules (switched on in cdk.json) and
 * cdk-nag. A finding fails the build unless it is acknowledged next to the resource it concerns.
 */
import { type App, Stack, Validations } from 'aws-cdk-lib'
import type { PolicyStatement } from 'aws-cdk-lib/aws-iam'
import { AwsSolutionsChecks } from 'cdk-nag'
import type { Construct } from 'constructs'

export function addChecks(app: App): void {
  Validations.of(app).addPlugins(new AwsSolutionsChecks(app))
}

/** Finding ids, each with the reason why the resource stays as it is. */
export function acknowledge(scope: Construct, reasons: Readonly<Record<string, string>>): void {
  for (const [id, reason] of Object.entries(reasons)) {
    Validations.of(scope).acknowledge({ id, reason })
  }
}

export function acknowledgeWildcards(
  scope: Construct,
  { resources }: PolicyStatement,
  reason: string,
): void {
  for (const resource of resources.filter((one) => one.includes('*'))) {
    const name = findingName(Stack.of(scope).resolve(resource))
    acknowledge(scope, { [`AwsSolutions-IAM5[Resource::${name}]`]: reason })
  }
}

/** cdk-nag names a resource by its text, with references in angle brackets. */
function findingName(resolved: unknown): string {
  if (typeof resolved === 'string') return resolved.replace(/\$\{/g, '<').replace(/\}/g, '>')
  const [[intrinsic, inside] = []] = Object.entries(Object(resolved))
  if (intrinsic === 'Fn::Join' && Array.isArray(inside) && Array.isArray(inside[1])) {
    return inside[1].map(findingName).join(String(inside[0]))
  }
  return `<${Array.isArray(inside) ? inside.join('.') : String(inside)}>`
}
