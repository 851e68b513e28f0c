/**
 * What the CDK runs to learn what to deploy: `npm run synth` shows it, `npm run deploy` does it.
 * Neither synthesizing nor checking needs an account or the network.
 */
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { App } from 'aws-cdk-lib'
import { Code } from 'aws-cdk-lib/aws-lambda'
import { holdToRules } from './checks.ts'
import { bundleFunctions } from './functions/bundle.ts'
import { functionNames } from './functions/duties.ts'
import { buildPipelineStack } from './pipeline.ts'
import { readSettings, refuseExamples } from './settings.ts'
import { buildStack } from './stack.ts'

const app = new App({ analyticsReporting: false })
const settings = readSettings(app.node.getAllContext())
// Only a CLI with credentials knows an account, and only with one can anything be deployed.
if (process.env['CDK_DEFAULT_ACCOUNT'] !== undefined) refuseExamples(settings)

const bundles = mkdtempSync(join(tmpdir(), 'smart-door-'))
process.once('exit', () => rmSync(bundles, { recursive: true, force: true }))
await bundleFunctions(functionNames(settings), bundles)
buildStack(app, settings, (name) => Code.fromAsset(join(bundles, name)))
if (settings.github !== undefined) buildPipelineStack(app, settings.github)
holdToRules(app)
app.synth()
