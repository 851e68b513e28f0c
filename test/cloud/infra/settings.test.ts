import { describe, expect, test } from 'vitest'
import { refuseExamples, SettingsError } from '../../../cloud/infra/settings.ts'
import { type Context, settingsWith } from './deployment.ts'

describe('deployment settings', () => {
  test('can come from the command line, where everything is a string', () => {
    const settings = settingsWith({
      doors: 'maple-street_front,hill_gate',
      claimableDoors: 'hill_gate',
      smsAlarmUsd: '12.5',
    })
    expect(settings.doors).toEqual(['maple-street_front', 'hill_gate'])
    expect(settings.claimableDoors).toEqual(['hill_gate'])
    expect(settings.smsAlarmUsd).toBe(12.5)
  })

  test('default to snapshots and SNS', () => {
    expect(settingsWith({ recognition: undefined, texts: undefined })).toMatchObject({
      recognition: 'snapshots',
      texts: 'sns',
    })
  })

  test.each<[string, Context]>([
    ['a door without its household', { doors: ['front'] }],
    ['a claimable door that is not listed', { claimableDoors: ['hill_gate'] }],
    ['a misspelt setting', { recognitoin: 'snapshots' }],
    ['an unknown kind of recognition', { recognition: 'magic' }],
    ['a stream processor without ffmpeg', { recognition: 'stream-processor' }],
    ['an invalid address', { mailFrom: 'door' }],
    ['a domain without a certificate', { domain: 'door.example.org' }],
    [
      'a certificate of another region',
      { domain: 'door.example.org', certificateArn: 'arn:aws:acm:eu-west-1:111122223333:c/0' },
    ],
    [
      'a domain without CloudFront',
      {
        ...{ domain: 'door.example.org', pages: 'api' },
        certificateArn: 'arn:aws:acm:us-east-1:111122223333:certificate/0',
      },
    ],
    ['a zone without a domain', { hostedZone: 'Z0EXAMPLE' }],
    ['End User Messaging without an origin', { texts: 'end-user-messaging' }],
    ['an unknown text service', { texts: 'notify' }],
    ['a sender id that SNS cannot show', { smsOrigin: 'MAPLE-STREET' }],
    ['a sender id without a letter', { smsOrigin: '12345' }],
    ['a pool for SNS', { smsOrigin: 'pool-0a1b2c3d4e5f' }],
    ['a zone for mail from a single address', { mailZone: 'Z0EXAMPLE', mailIdentity: 'address' }],
    ['a concurrency that no account has', { lambdaConcurrency: 5 }],
  ])('are refused with %s', (_, context) => {
    expect(() => settingsWith(context)).toThrow(SettingsError)
  })

  test.each<[Context, string]>([
    [{ mailform: 'door@example.org' }, 'mailform is not a setting. Did you mean mailFrom?'],
    [{ mailFrom: undefined }, 'mailFrom is missing'],
  ])('that are mistyped are named: %o', (context, sentence) => {
    expect(() => settingsWith(context)).toThrow(`Invalid settings: ${sentence}`)
  })

  test.each<Context>([
    { smsOrigin: 'MAPLE' },
    { smsOrigin: 'MapleStreet' },
    { texts: 'end-user-messaging', smsOrigin: 'pool-0a1b2c3d4e5f' },
    { protect: 'true' },
  ])('can be %o', (context) => {
    expect(() => settingsWith(context)).not.toThrow()
  })

  test('are not deployed with the example addresses or door', () => {
    const own = {
      ...{ mailFrom: 'door@maple.test', alarmMail: 'me@maple.test' },
      doors: ['hill_gate'],
    }
    const { doors: _, ...withExampleDoor } = own
    expect(() => refuseExamples(settingsWith(withExampleDoor))).toThrow('maple-street_front')
    expect(() => refuseExamples(settingsWith({ doors: own.doors }))).toThrow('door@example.org')
    expect(() => refuseExamples(settingsWith(own))).not.toThrow()
  })
})
