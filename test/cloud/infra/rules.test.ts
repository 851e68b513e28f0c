import { PolicyStatement, Role, ServicePrincipal } from 'aws-cdk-lib/aws-iam'
import { CfnStream } from 'aws-cdk-lib/aws-kinesisvideo'
import { Bucket } from 'aws-cdk-lib/aws-s3'
import { describe, expect, test } from 'vitest'
import { describeProof } from '../../support/effort.ts'
import {
  brokenRules,
  type Context,
  pipelineTemplate,
  streamProcessor,
  withClaims,
} from './deployment.ts'

/** Each deployment takes ten seconds to check; `npm run synth` checks the shipped settings too. */
describeProof('template rules and cdk-nag', () => {
  test.each<[string, Context]>([
    ['with the shipped settings', {}],
    [
      'with stream processors and End User Messaging',
      {
        ...streamProcessor,
        texts: 'end-user-messaging',
        smsOrigin: 'MAPLE',
      },
    ],
    ['with claimable doors', withClaims],
    [
      'with many doors and a domain',
      {
        doors: ['maple-street_front', 'maple-street_back', 'hill_gate'],
        domain: 'door.example.org',
        certificateArn: 'arn:aws:acm:us-east-1:111122223333:certificate/0',
        hostedZone: 'Z0EXAMPLE',
      },
    ],
  ])('accept a deployment %s', (_, context) => {
    expect(brokenRules(context)).toEqual({ failed: false, rules: [] })
  })

  test('reject an open bucket', () => {
    const { failed, rules } = brokenRules({}, (stack) => void new Bucket(stack, 'Planted'))
    expect(failed).toBe(true)
    expect(rules.join()).toContain('AwsSolutions-S10')
  })

  test('reject a role that may do everything', () => {
    const anything = new PolicyStatement({ actions: ['s3:*'], resources: ['*'] })
    const { failed, rules } = brokenRules({}, (stack) => {
      const role = new Role(stack, 'Planted', {
        assumedBy: new ServicePrincipal('iot.amazonaws.com'),
      })
      role.addToPolicy(anything)
    })
    expect(failed).toBe(true)
    expect(rules.join()).toContain('AwsSolutions-IAM5')
  })

  test('reject what CloudFormation would only reject during a deployment', () => {
    const { failed, rules } = brokenRules({}, (stack) => {
      new CfnStream(stack, 'Planted', { mediaType: '', dataRetentionInHours: -1 })
    })
    expect(failed).toBe(true)
    expect(rules).toEqual(['F3031', 'F3033', 'F3034'])
  })
})

describe('the role of the pipeline', () => {
  test('is for one branch of one repository and can only assume the CDK’s roles', () => {
    const text = JSON.stringify(pipelineTemplate().toJSON())
    expect(text).toContain('"repo:maple/smart-door:ref:refs/heads/main"')
    expect(text).toContain(':role/cdk-*')
    expect(text).not.toMatch(/AdministratorAccess|"Action":"\*"/)
  })
})
