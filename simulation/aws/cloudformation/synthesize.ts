/** A program: writes the deployment's template to a file. Arguments: file, changed settings. */
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { App } from 'aws-cdk-lib'
import { Code } from 'aws-cdk-lib/aws-lambda'
import * as z from 'zod/mini'
import { readSettings } from '../../../cloud/infra/settings.ts'
import { buildStack } from '../../../cloud/infra/stack.ts'

const record = z.record(z.string(), z.unknown())
const [file = '', settings = '{}'] = process.argv.slice(2)

const cdkJson = z.object({ context: record }).parse(JSON.parse(readFileSync('cdk.json', 'utf8')))
// The CDK's command line also writes where in the code each resource is defined.
const context = {
  ...{ 'aws:cdk:enable-path-metadata': true },
  ...cdkJson.context,
  ...record.parse(JSON.parse(settings)),
}
const outdir = mkdtempSync(join(tmpdir(), 'smart-door-template-'))
process.once('exit', () => rmSync(outdir, { recursive: true, force: true }))
// A deployment and the proof also check CloudFormation's rules, which takes ten seconds.
const checks = { builtinCloudFormationValidation: false }
const app = new App({ analyticsReporting: false, ...checks, outdir, context })
// The functions run from source, so their code is the name of their entry in cloud/functions/.
const stack = buildStack(app, readSettings(app.node.getAllContext()), (name) =>
  Code.fromInline(name),
)
const { template } = app.synth().getStackByName(stack.stackName)
writeFileSync(file, JSON.stringify(template))
