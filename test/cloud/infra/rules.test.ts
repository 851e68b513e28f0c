import { PolicyStatement, Role, ServicePrincipal } from 'aws-cdk-lib/aws-iam'
import { CfnStream } from 'aws-cdk-lib/aws-kinesisvideo'
import { Bucket } from 'aws-cdk-lib/aws-s3'
import { describe, expect, test } from 'vitest'
import {
  brokenRules,
  type Context,
  pipelineTemplate,
  streamProcessor,
  withClaims,
} from './deployment.ts'

describe('template rules and cdk-nag', () => {
  test.each<[string, Context]>([
    ['as it is shipped', {}],
    [
      'with stream processors and End User Messaging',
      {
        ...streamProcessor,
        texts: 'end-user-messaging',
        smsOrigin: 'MAPLE',
      },
    ],
    ['with doors that may be claimed', withClaims],
    [
      'with many doors, Notify and a domain',
      {
        doors: ['maple-street_front', 'maple-street_back', 'hill_gate'],
        texts: 'notify',
        smsTemplateId: 'code-en',
        smsCountries: ['DE'],
        domain: 'door.example.org',
        certificateArn: 'arn:aws:acm:us-east-1:111122223333:certificate/0',
        hostedZone: 'Z0EXAMPLE',
      },
    ],
  ])('have nothing to say to a deployment %s', (_, context) => {
    expect(brokenRules(context)).toEqual({ failed: false, rules: [] })
  })

  test('find an open bucket', () => {
    const { failed, rules } = brokenRules({}, (stack) => void new Bucket(stack, 'Planted'))
    expect(failed).toBe(true)
    expect(rules.join()).toContain('AwsSolutions-S10')
  })

  test('find a role that may do everything', () => {
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

  test('find what CloudFormation would refuse in the middle of a deployment', () => {
    const { failed, rules } = brokenRules({}, (stack) => {
      new CfnStream(stack, 'Planted', { mediaType: '', dataRetentionInHours: -1 })
    })
    expect(failed).toBe(true)
    expect(rules).toEqual(['F3031', 'F3033', 'F3034'])
  })
})

describe('the pipeline’s role', () => {
  test('is for one branch of one repository, and can only become what deploys', () => {
    const text = JSON.stringify(pipelineTemplate().toJSON())
    expect(text).toContain('"repo:maple/smart-door:ref:refs/heads/main"')
    expect(text).toContain(':role/cdk-*')
    expect(text).not.toMatch(/AdministratorAccess|"Action":"\*"/)
  })
})
