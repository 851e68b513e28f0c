/** Builds a deployment as `npm run synth` does, but without bundling the functions. */
import { mkdtempSync, readFileSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { App, type Stack } from 'aws-cdk-lib'
import { Template } from 'aws-cdk-lib/assertions'
import { Code } from 'aws-cdk-lib/aws-lambda'
import * as z from 'zod/mini'
import { addChecks } from '../../../cloud/infra/checks.ts'
import { buildPipelineStack } from '../../../cloud/infra/pipeline.ts'
import { readSettings } from '../../../cloud/infra/settings.ts'
import { buildStack } from '../../../cloud/infra/stack.ts'
import { root } from '../../support/project-files.ts'

const cdkJson = z.parse(
  z.object({ context: z.record(z.string(), z.unknown()) }),
  JSON.parse(readFileSync(join(root, 'cdk.json'), 'utf8')),
)

export type Context = Readonly<Record<string, unknown>>

export const ffmpegLayer = 'arn:aws:lambda:eu-central-1:111122223333:layer:ffmpeg:1'
export const streamProcessor: Context = { recognition: 'stream-processor', ffmpegLayer }

export const withClaims: Context = { claimableDoors: ['maple-street_front'] }

export function settingsWith(context: Context = {}) {
  return readSettings({ ...cdkJson.context, ...context })
}

function inFolder<T>(work: (outdir: string) => T): T {
  const outdir = mkdtempSync(join(tmpdir(), 'infra-'))
  try {
    return work(outdir)
  } finally {
    rmSync(outdir, { recursive: true })
  }
}

interface Build {
  readonly outdir: string
  readonly context: Context
  /** CloudFormation's own rules, which take seconds. */
  readonly isChecked: boolean
}

const build = ({ outdir, context, isChecked }: Build): { app: App; stack: Stack } => {
  const app = new App({
    analyticsReporting: false,
    builtinCloudFormationValidation: isChecked,
    outdir,
    context: {
      'aws:cdk:disable-stack-trace': true,
      ...cdkJson.context,
      ...context,
    },
  })
  const code = () => Code.fromInline('export const handler = 0')
  return { app, stack: buildStack(app, readSettings(app.node.getAllContext()), code) }
}

const templates = new Map<string, Template>()

/** The template to deploy. Throws when resources depend on each other in a cycle. */
export function templateOf(context: Context = {}): Template {
  const key = JSON.stringify(context)
  const template =
    templates.get(key) ??
    inFolder((outdir) => Template.fromStack(build({ outdir, context, isChecked: false }).stack))
  templates.set(key, template)
  return template
}

export const pipelineTemplate = (): Template =>
  inFolder((outdir) =>
    Template.fromStack(
      buildPipelineStack(
        new App({ outdir, builtinCloudFormationValidation: false }),
        'maple/smart-door',
      ),
    ),
  )

const report = z.object({
  pluginReports: z.array(
    z.object({ violations: z.array(z.looseObject({ ruleName: z.string() })) }),
  ),
})

/** The rules that a deployment breaks after `plant` has changed it. */
export const brokenRules = (context: Context = {}, plant: (stack: Stack) => void = () => {}) =>
  inFolder((outdir) => {
    const { app, stack } = build({ outdir, context, isChecked: true })
    plant(stack)
    addChecks(app)
    let failed = false
    try {
      app.synth()
    } catch {
      failed = true
    }
    const text = readFileSync(join(outdir, 'validation-report.json'), 'utf8')
    const { pluginReports } = z.parse(report, JSON.parse(text))
    const names = pluginReports.flatMap(({ violations }) => violations.map((one) => one.ruleName))
    return { failed, rules: [...new Set(names)] }
  })

const resourceSchema = z.looseObject({
  Type: z.string(),
  Properties: z._default(z.record(z.string(), z.unknown()), {}),
  DeletionPolicy: z.optional(z.string()),
})
export type Resource = z.infer<typeof resourceSchema> & { readonly id: string }

export function resourcesOf(template: Template, type?: string): readonly Resource[] {
  const all = z.parse(z.record(z.string(), resourceSchema), template.toJSON()['Resources'])
  return Object.entries(all)
    .map(([id, resource]) => ({ id, ...resource }))
    .filter((resource) => type === undefined || resource.Type === type)
}

const one = z.union([z.string(), z.looseObject({})])
const statementSchema = z.object({
  Effect: z.enum(['Allow', 'Deny']),
  Action: z.union([
    z.array(z.string()),
    z.pipe(
      z.string(),
      z.transform((action) => [action]),
    ),
  ]),
  Resource: z._default(
    z.union([
      z.array(one),
      z.pipe(
        one,
        z.transform((resource) => [resource]),
      ),
    ]),
    [],
  ),
  Condition: z.optional(z.unknown()),
})

export interface Statement {
  readonly of: string
  readonly effect: 'Allow' | 'Deny'
  readonly actions: readonly string[]
  readonly resources: readonly string[]
  readonly conditions: unknown
}

const documentSchema = z.object({ Statement: z.array(statementSchema) })

/** All policy statements of functions, doors and services. */
export const statementsOf = (template: Template, type = 'AWS::IAM::Policy'): Statement[] =>
  resourcesOf(template, type).flatMap(({ id, Properties }) =>
    z
      .parse(documentSchema, Properties['PolicyDocument'])
      .Statement.map(({ Effect, Action, Resource, Condition }) => ({
        of: id,
        effect: Effect,
        actions: Action,
        resources: Resource.map(written),
        conditions: Condition,
      })),
  )

/** A resource as readable text, with references in angle brackets. */
export function written(value: unknown): string {
  if (typeof value === 'string') return value
  const [[intrinsic, inside] = []] = Object.entries(Object(value))
  if (intrinsic === 'Fn::Join' && Array.isArray(inside) && Array.isArray(inside[1])) {
    return inside[1].map(written).join(String(inside[0]))
  }
  return `<${Array.isArray(inside) ? inside.join('.') : String(inside)}>`
}
