/** API Gateway's HTTP APIs: which function a request is for, and how many requests are allowed. */
import * as z from 'zod/mini'
import { type ResourceTypes, resourceType } from '../cloudformation/resources.ts'
import { TemplateError } from '../cloudformation/template.ts'

interface Throttle {
  /** Requests per second, and at once. */
  readonly rate: number
  readonly burst: number
}

/** By id: routes with the ARNs of their functions, by key. */
export interface HttpApi {
  readonly routes: Map<string, string>
  throttle: Throttle | null
}

export type HttpApis = Map<string, HttpApi>

const throttleSchema = z.strictObject({
  ThrottlingRateLimit: z.number(),
  ThrottlingBurstLimit: z.number(),
})

const throttleOf = (settings: z.infer<typeof throttleSchema>): Throttle => ({
  rate: settings.ThrottlingRateLimit,
  burst: settings.ThrottlingBurstLimit,
})

const integrationSchema = z.strictObject({
  ApiId: z.string(),
  IntegrationType: z.literal('AWS_PROXY'),
  IntegrationUri: z.string(),
  PayloadFormatVersion: z.literal('2.0'),
})

const routeSchema = z.strictObject({
  ApiId: z.string(),
  AuthorizationType: z.literal('NONE'),
  RouteKey: z.string(),
  Target: z.string(),
})

const stageSchema = z.strictObject({
  ApiId: z.string(),
  StageName: z.literal('$default'),
  AutoDeploy: z.literal(true),
  DefaultRouteSettings: z.optional(throttleSchema),
})

export function httpApiTypes(apis: HttpApis): ResourceTypes {
  const integrations = new Map<string, string>()
  const api = (id: string): HttpApi => {
    const found = apis.get(id)
    if (!found) throw new TemplateError(`There is no API ${id}.`)
    return found
  }
  return {
    'AWS::ApiGatewayV2::Api': resourceType(
      z.strictObject({ ProtocolType: z.literal('HTTP') }),
      { Name: 'A text for people.' },
      (_, at) => {
        const ref = at.uniqueName().slice(-10).toLowerCase()
        apis.set(ref, { routes: new Map(), throttle: null })
        return { ref }
      },
    ),
    'AWS::ApiGatewayV2::Integration': resourceType(integrationSchema, {}, (properties, at) => {
      const ref = at.uniqueName()
      integrations.set(`integrations/${ref}`, properties.IntegrationUri)
      return { ref }
    }),
    'AWS::ApiGatewayV2::Route': resourceType(routeSchema, {}, (properties, at) => {
      const fn = integrations.get(properties.Target)
      if (fn === undefined) throw new TemplateError(`There is no ${properties.Target}.`)
      api(properties.ApiId).routes.set(properties.RouteKey, fn)
      return { ref: at.uniqueName() }
    }),
    'AWS::ApiGatewayV2::Stage': resourceType(
      stageSchema,
      { AccessLogSettings: 'The log of requests is not simulated.' },
      ({ ApiId, StageName, DefaultRouteSettings }) => {
        api(ApiId).throttle = DefaultRouteSettings ? throttleOf(DefaultRouteSettings) : null
        return { ref: StageName }
      },
    ),
  }
}

/** The key of the route for a request. The path is as it was sent, without the query. */
export function routeFor({ routes }: HttpApi, method: string, path: string): string | null {
  const exact = [`${method} ${path}`, `ANY ${path}`].find((key) => routes.has(key))
  if (exact !== undefined) return exact
  const greedy = [method, 'ANY'].map((one) => `${one} /{proxy+}`)
  return (path !== '/' && greedy.find((key) => routes.has(key))) || null
}

/** Whether a request is one too many. */
export function limiterOf({ throttle }: HttpApi, nowMs: () => number): () => boolean {
  const takes = throttle ? tokenBucket(throttle, nowMs) : () => true
  return () => !takes()
}

/** It fills at the rate and holds one burst. */
function tokenBucket({ rate, burst }: Throttle, nowMs: () => number): () => boolean {
  let tokens = burst
  let atMs = nowMs()
  return () => {
    const now = nowMs()
    tokens = Math.min(burst, tokens + ((now - atMs) * rate) / 1_000)
    atMs = now
    if (tokens < 1) return false
    tokens -= 1
    return true
  }
}
