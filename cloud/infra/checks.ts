/**
 * What every synthesis is held to: the CDK's own template rules (switched on in cdk.json) and
 * cdk-nag. A finding fails the build unless it is acknowledged beside what it is about.
 */
import { type App, Validations } from 'aws-cdk-lib'
import { AwsSolutionsChecks } from 'cdk-nag'
import type { Construct } from 'constructs'

export function holdToRules(app: App): void {
  Validations.of(app).addPlugins(new AwsSolutionsChecks(app))
}

/** Findings by their id, each with the reason why it is right as it is. */
export function acknowledge(scope: Construct, reasons: Readonly<Record<string, string>>): void {
  for (const [id, reason] of Object.entries(reasons)) {
    Validations.of(scope).acknowledge({ id, reason })
  }
}
