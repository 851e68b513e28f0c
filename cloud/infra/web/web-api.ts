/**
 * How people reach the pages and the API: CloudFront in front of an HTTP API in front of one
 * function. Who may do what is decided in the function, for the approval page is open to whoever
 * holds a mail's secret, and sessions are cookies, which a gateway does not understand.
 */
import { Aws, Duration, Fn, RemovalPolicy } from 'aws-cdk-lib'
import { CfnStage, HttpApi, HttpMethod, HttpStage } from 'aws-cdk-lib/aws-apigatewayv2'
import { HttpLambdaIntegration } from 'aws-cdk-lib/aws-apigatewayv2-integrations'
import { Certificate } from 'aws-cdk-lib/aws-certificatemanager'
import {
  AllowedMethods,
  CachePolicy,
  Distribution,
  HeadersFrameOption,
  HeadersReferrerPolicy,
  HttpVersion,
  OriginProtocolPolicy,
  OriginRequestPolicy,
  OriginSslPolicy,
  PriceClass,
  ResponseHeadersPolicy,
  SecurityPolicyProtocol,
  ViewerProtocolPolicy,
} from 'aws-cdk-lib/aws-cloudfront'
import { HttpOrigin } from 'aws-cdk-lib/aws-cloudfront-origins'
import type { Function as LambdaFunction } from 'aws-cdk-lib/aws-lambda'
import { LogGroup, RetentionDays } from 'aws-cdk-lib/aws-logs'
import { CfnRecordSet } from 'aws-cdk-lib/aws-route53'
import { Construct } from 'constructs'
import { acknowledge } from '../checks.ts'
import type { Settings } from '../settings.ts'

export interface WebApi {
  readonly api: HttpApi
  readonly origin: string
}

/**
 * For all together, and for the one that is worth trying over and over. It asks for a sign-in first;
 * where anybody may post, a limit this low would be everybody's and shut the owners out. What is
 * guessed at the approval page is counted with each request.
 */
const throttles = { rate: 20, burst: 40 }
const guarded = { rate: 2, burst: 5 }
const guardedRoutes = [['/v1/passcodes', HttpMethod.POST]] as const

/** The API comes first and its function last: the function is told the address of the pages. */
export function buildWebApi(scope: Construct, settings: Settings): WebApi {
  const here = new Construct(scope, 'Web')
  const api = new HttpApi(here, 'Api', { apiName: 'smart-door', createDefaultStage: false })
  acknowledge(api, {
    'AwsSolutions-APIG4':
      'The function checks tokens, cookies and the secrets of mails itself, for every route.',
  })
  const distribution = buildDistribution(here, api, settings)
  const origin = `https://${settings.domain ?? distribution.distributionDomainName}`
  return { api, origin }
}

export function connectWeb(scope: Construct, { api }: WebApi, fn: LambdaFunction): void {
  const integration = new HttpLambdaIntegration('Web', fn)
  const routes = guardedRoutes.flatMap(([path, method]) =>
    api.addRoutes({ path, methods: [method], integration }),
  )
  api.addRoutes({ path: '/{proxy+}', integration })
  api.addRoutes({ path: '/', integration })
  const stage = buildStage(scope, api)
  stage.node.addDependency(...routes)
}

function buildStage(scope: Construct, httpApi: HttpApi): HttpStage {
  const log = new LogGroup(scope, 'AccessLog', {
    retention: RetentionDays.ONE_MONTH,
    removalPolicy: RemovalPolicy.DESTROY,
  })
  const stage = new HttpStage(scope, 'Stage', {
    httpApi,
    autoDeploy: true,
    throttle: { rateLimit: throttles.rate, burstLimit: throttles.burst },
  })
  const raw = stage.node.defaultChild
  if (!(raw instanceof CfnStage)) throw new Error('a stage is made of a CfnStage')
  raw.accessLogSettings = { destinationArn: log.logGroupArn, format: JSON.stringify(accessLine) }
  raw.routeSettings = Object.fromEntries(
    guardedRoutes.map(([path, method]) => [
      `${method} ${path}`,
      { ThrottlingRateLimit: guarded.rate, ThrottlingBurstLimit: guarded.burst },
    ]),
  )
  return stage
}

/** The path as such, never what follows a question mark, and nothing about who asked. */
const accessLine = {
  requestId: '$context.requestId',
  atMs: '$context.requestTimeEpoch',
  method: '$context.httpMethod',
  route: '$context.routeKey',
  path: '$context.path',
  status: '$context.status',
  bytes: '$context.responseLength',
  tookMs: '$context.responseLatency',
  error: '$context.integrationErrorMessage',
} as const

// ---------------------------------------------------------------- the address of the pages

function buildDistribution(here: Construct, api: HttpApi, settings: Settings): Distribution {
  const { domain, certificateArn } = settings
  const distribution = new Distribution(here, 'Pages', {
    comment: 'smart-door',
    defaultBehavior: {
      origin: originOf(api),
      allowedMethods: AllowedMethods.ALLOW_ALL,
      cachePolicy: CachePolicy.CACHING_DISABLED,
      originRequestPolicy: OriginRequestPolicy.ALL_VIEWER_EXCEPT_HOST_HEADER,
      responseHeadersPolicy: securityHeaders(here),
      viewerProtocolPolicy: ViewerProtocolPolicy.REDIRECT_TO_HTTPS,
    },
    httpVersion: HttpVersion.HTTP2_AND_3,
    priceClass: PriceClass.PRICE_CLASS_100,
    ...(domain && certificateArn
      ? {
          domainNames: [domain],
          certificate: Certificate.fromCertificateArn(here, 'Certificate', certificateArn),
          minimumProtocolVersion: SecurityPolicyProtocol.TLS_V1_2_2021,
        }
      : {}),
  })
  acknowledgeAboutPages(distribution, domain)
  addRecords(here, distribution, settings)
  return distribution
}

const originOf = (api: HttpApi): HttpOrigin =>
  new HttpOrigin(Fn.join('.', [api.apiId, 'execute-api', Aws.REGION, Aws.URL_SUFFIX]), {
    protocolPolicy: OriginProtocolPolicy.HTTPS_ONLY,
    originSslProtocols: [OriginSslPolicy.TLS_V1_2],
  })

/** What the pages say themselves, such as their content policy, stays as they say it. */
const securityHeaders = (here: Construct): ResponseHeadersPolicy =>
  new ResponseHeadersPolicy(here, 'Headers', {
    securityHeadersBehavior: {
      strictTransportSecurity: {
        accessControlMaxAge: Duration.days(365),
        includeSubdomains: false,
        override: true,
      },
      contentTypeOptions: { override: true },
      frameOptions: { frameOption: HeadersFrameOption.DENY, override: true },
      referrerPolicy: { referrerPolicy: HeadersReferrerPolicy.NO_REFERRER, override: false },
    },
  })

function acknowledgeAboutPages(distribution: Distribution, domain: string | undefined): void {
  acknowledge(distribution, {
    'AwsSolutions-CFR1': 'Owners travel: an approval must work wherever they are.',
    'AwsSolutions-CFR2':
      'A web firewall costs more than all the rest of a door; the API is throttled instead.',
    'AwsSolutions-CFR3':
      'CloudFront would log query strings and visitors’ addresses. The API logs every request without.',
  })
  if (domain === undefined) {
    acknowledge(distribution, {
      'AwsSolutions-CFR4': 'The name that AWS gives allows no choice; a domain of your own does.',
    })
  }
}

function addRecords(here: Construct, pages: Distribution, { domain, hostedZone }: Settings): void {
  if (domain === undefined || hostedZone === undefined) return
  for (const type of ['A', 'AAAA']) {
    new CfnRecordSet(here, `Record${type}`, {
      hostedZoneId: hostedZone,
      name: domain,
      type,
      aliasTarget: { dnsName: pages.distributionDomainName, hostedZoneId: cloudFrontZone },
    })
  }
}

/** All of CloudFront lies in this zone; AWS documents it as a constant. */
const cloudFrontZone = 'Z2FDTNDATAQYW2'
