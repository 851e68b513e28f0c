import { describe, expect, test } from 'vitest'
import { refuseExamples, SettingsError } from '../../../cloud/infra/settings.ts'
import { type Context, settingsWith } from './deployment.ts'

describe('settings of a deployment', () => {
  test('can come from the command line, where everything is text', () => {
    const settings = settingsWith({
      ...{ doors: 'maple-street_front,hill_gate', claimableDoors: 'hill_gate' },
      smsAlarmUsd: '12.5',
    })
    expect(settings.doors).toEqual(['maple-street_front', 'hill_gate'])
    expect(settings.claimableDoors).toEqual(['hill_gate'])
    expect(settings.smsAlarmUsd).toBe(12.5)
  })

  test('are stills and SNS when nobody says otherwise', () => {
    expect(settingsWith({ recognition: undefined, texts: undefined })).toMatchObject({
      recognition: 'snapshots',
      texts: 'sns',
    })
  })

  test.each<[string, Context]>([
    ['a door without its household', { doors: ['front'] }],
    ['no door at all', { doors: [] }],
    ['a claim to a door that is none', { claimableDoors: ['hill_gate'] }],
    ['a misspelt setting', { recognitoin: 'snapshots' }],
    ['another kind of recognition', { recognition: 'magic' }],
    ['video that nothing cuts pictures from', { recognition: 'stream-processor' }],
    ['an address that is none', { mailFrom: 'door' }],
    ['a domain without a certificate', { domain: 'door.example.org' }],
    [
      'a certificate of another region',
      { domain: 'door.example.org', certificateArn: 'arn:aws:acm:eu-west-1:111122223333:c/0' },
    ],
    ['a zone without a domain', { hostedZone: 'Z0EXAMPLE' }],
    ['End User Messaging without an origin', { texts: 'end-user-messaging' }],
    ['Notify without a template', { texts: 'notify', smsCountries: ['DE'] }],
  ])('are refused with %s', (_, context) => {
    expect(() => settingsWith(context)).toThrow(SettingsError)
  })

  test('are not deployed with the addresses of the examples', () => {
    const own = { mailFrom: 'door@maple.test', alarmMail: 'me@maple.test' }
    expect(() => refuseExamples(settingsWith())).toThrow('door@example.org')
    expect(() => refuseExamples(settingsWith(own))).not.toThrow()
  })
})
