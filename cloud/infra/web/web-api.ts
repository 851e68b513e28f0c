/**
 * The address of the pages and the API: CloudFront, then an HTTP API, then one function; without
 * CloudFront the address is the API's own. The
 * function checks access itself: the approval page is open to anyone with the secret of a mail.
 */
import { Aws, Duration, Fn, RemovalPolicy } from 'aws-cdk-lib'
import { CfnStage, HttpApi, HttpStage } from 'aws-cdk-lib/aws-apigatewayv2'
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
import { frontKeyHeader } from '../../api/client-limit.ts'
import { acknowledge } from '../checks.ts'
import type { Settings } from '../settings.ts'

interface WebApi {
  readonly api: HttpApi
  readonly origin: string
  /** Known to CloudFront and the function: the API's own address is open to all of the internet. */
  readonly frontKey: string | null
}

/**
 * Requests per second for all clients and routes together. Far above what the function allows to
 * one client (cloud/api/client-limit.ts), so that one does not shut out the others. No route has a
 * lower limit: the gateway counts before the sign-in is checked, so strangers could use it up.
 */
const throttle = { rateLimit: 100, burstLimit: 200 }

/** Built before its function, which needs the address of the pages. */
export function buildWebApi(scope: Construct, settings: Settings): WebApi {
  const here = new Construct(scope, 'Web')
  const api = new HttpApi(here, 'Api', { apiName: 'smart-door', createDefaultStage: false })
  acknowledge(api, {
    'AwsSolutions-APIG4':
      'The function itself checks tokens, cookies and the secrets of mails, on every route.',
  })
  if (settings.pages === 'api') return { api, origin: `https://${domainOf(api)}`, frontKey: null }
  const distribution = buildDistribution(here, api, settings)
  const origin = `https://${settings.domain ?? distribution.distributionDomainName}`
  return { api, origin, frontKey }
}

export function connectWeb(scope: Construct, { api }: WebApi, fn: LambdaFunction): void {
  const integration = new HttpLambdaIntegration('Web', fn)
  api.addRoutes({ path: '/{proxy+}', integration })
  api.addRoutes({ path: '/', integration })
  buildStage(scope, api)
}

function buildStage(scope: Construct, httpApi: HttpApi): void {
  const log = new LogGroup(scope, 'AccessLog', {
    retention: RetentionDays.ONE_MONTH,
    removalPolicy: RemovalPolicy.DESTROY,
  })
  const stage = new HttpStage(scope, 'Stage', { httpApi, autoDeploy: true, throttle })
  const raw = stage.node.defaultChild
  if (!(raw instanceof CfnStage)) throw new TypeError('expected a CfnStage')
  raw.accessLogSettings = {
    destinationArn: log.logGroupArn,
    format: JSON.stringify(accessLogEntry),
  }
}

/** No query strings, which may hold secrets, and nothing about the caller. */
const accessLogEntry = {
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

// ---------------------------------------------------------------- CloudFront

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
    ...(domain &&
      certificateArn && {
        domainNames: [domain],
        certificate: Certificate.fromCertificateArn(here, 'Certificate', certificateArn),
        minimumProtocolVersion: SecurityPolicyProtocol.TLS_V1_2_2021,
      }),
  })
  acknowledgeFindings(distribution, domain)
  addRecords(here, distribution, settings)
  return distribution
}

/**
 * The part of the stack's id that CloudFormation draws. It protects only the limit per client, which
 * a secret for 0.40 USD a month would not do better.
 */
const frontKey = Fn.select(2, Fn.split('/', Aws.STACK_ID))

const domainOf = (api: HttpApi): string =>
  Fn.join('.', [api.apiId, 'execute-api', Aws.REGION, Aws.URL_SUFFIX])

const originOf = (api: HttpApi): HttpOrigin =>
  new HttpOrigin(domainOf(api), {
    protocolPolicy: OriginProtocolPolicy.HTTPS_ONLY,
    originSslProtocols: [OriginSslPolicy.TLS_V1_2],
    customHeaders: { [frontKeyHeader]: frontKey },
  })

/** Only what the pages do not set themselves, such as their content policy. */
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

function acknowledgeFindings(distribution: Distribution, domain: string | undefined): void {
  acknowledge(distribution, {
    'AwsSolutions-CFR1': 'Owners travel, so an approval must work from every country.',
    'AwsSolutions-CFR2':
      'A web firewall costs more than the rest of the deployment; the API is throttled instead.',
    'AwsSolutions-CFR3':
      'CloudFront would log query strings and IP addresses; the log of the API has neither.',
  })
  if (domain === undefined) {
    acknowledge(distribution, {
      'AwsSolutions-CFR4': 'The TLS version can only be chosen for a domain of your own.',
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

/** Documented by AWS: the same for all of CloudFront. */
const cloudFrontZone = 'Z2FDTNDATAQYW2'
