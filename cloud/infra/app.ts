/**
 * The CDK app: `npm run synth` writes the templates, `npm run deploy` deploys them. Synthesis needs
 * neither an AWS account nor the network.
 */
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { App } from 'aws-cdk-lib'
import { Code } from 'aws-cdk-lib/aws-lambda'
import { addChecks } from './checks.ts'
import { bundleFunctions } from './functions/bundle.ts'
import { functionNames } from './functions/functions.ts'
import { buildPipelineStack } from './pipeline.ts'
import { readSettings, refuseExamples, type Settings, SettingsError } from './settings.ts'
import { buildStack } from './stack.ts'

const app = new App({ analyticsReporting: false })
const settings = settingsOf(app)

const bundles = mkdtempSync(join(tmpdir(), 'smart-door-'))
process.once('exit', () => rmSync(bundles, { recursive: true, force: true }))
await bundleFunctions(functionNames(settings), bundles)
buildStack(app, settings, (name) => Code.fromAsset(join(bundles, name)))
if (settings.github !== undefined) buildPipelineStack(app, settings.github)
addChecks(app)
app.synth()

function settingsOf(app: App): Settings {
  try {
    const settings = readSettings(app.node.getAllContext())
    // The CLI sets this when there are credentials, and only then can anything be deployed.
    if (process.env['CDK_DEFAULT_ACCOUNT'] !== undefined) refuseExamples(settings)
    return settings
  } catch (error) {
    if (!(error instanceof SettingsError)) throw error
    console.error(error.message)
    process.exit(1)
  }
}
