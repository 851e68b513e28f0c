/** `npm run cloud`, with the real SDK clients against the simulated AWS. */
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, describe, expect, test, vi } from 'vitest'
import { main } from '../../../cloud/cli/main.ts'
import { whileWorking } from '../../rehearsal/working.ts'
import { doorId, household, newId } from '../../support/cloud/cloud-home.ts'
import { firstSignIn, type MemberHome, memberHome } from '../../support/cloud/member-home.ts'

const folder = mkdtempSync(join(tmpdir(), 'cloud-cli-'))
const settings = join(folder, 'cdk.json')
const topic = 'arn:aws:sns:eu-central-1:000000000000:alarms'

let home: MemberHome
beforeEach(async () => {
  home = await memberHome()
  const { aws } = home.cloud
  vi.stubEnv('AWS_ENDPOINT_URL', aws.url)
  vi.stubEnv('AWS_REGION', aws.region)
  vi.stubEnv('AWS_ACCESS_KEY_ID', 'test')
  vi.stubEnv('AWS_SECRET_ACCESS_KEY', 'test')
  aws.account.stacks.set('SmartDoor', {
    ...home.cloud.stack.outputs,
    ...{ WebOrigin: home.origin, AlarmTopicArn: topic, DoorNames: doorId },
  })
  aws.account.subscriptions.set(topic, [true])
  aws.account.identities.set('door@maple.example.com', true)
  const context = { doors: [doorId], mailFrom: 'door@maple.example.com' }
  writeFileSync(
    settings,
    `{\n  "context": {\n    "doors": ["${doorId}"],\n    "mailFrom": "${context.mailFrom}",\n    "alarmMail": "mira@maple.example.com",\n    "lambdaConcurrency": 1000\n  }\n}\n`,
  )
})
afterEach(async () => {
  vi.unstubAllEnvs()
  await home.close()
  rmSync(settings, { force: true })
})

async function cloud(...argv: string[]) {
  const said = { stdout: [] as string[], stderr: [] as string[] }
  const io = {
    stdout: { write: (text: string) => said.stdout.push(text) },
    stderr: { write: (text: string) => said.stderr.push(text) },
  }
  const code = await main(argv, io)
  return { code, stdout: said.stdout.join(''), stderr: said.stderr.join('') }
}

const elmRoad = [
  ...['household', 'add', 'Elm Road 2', '--id', 'elm-road', '--time-zone', 'Europe/Berlin'],
  ...['--countries', 'de,at', '--owner', 'Mira@Example.org', '--language', 'de'],
]
const found = (id: string) => home.cloud.deps.households.find(id)
const doorsInFile = (): unknown => JSON.parse(readFileSync(settings, 'utf8')).context.doors

describe('household', () => {
  test('add makes the record, invites the owner, and says where to sign in', async () => {
    const { code, stdout } = await cloud(...elmRoad)
    expect([code, stdout]).toEqual([
      0,
      [
        'Added the household elm-road: Elm Road 2, 0 doors.',
        'Invited mira@example.org: a mail with a temporary password, valid for three days, is on its way.',
        `Sign in at ${home.origin}/`,
        'Next: npm run cloud -- door add elm-road_front',
        '',
      ].join('\n'),
    ])
    expect(await found('elm-road')).toMatchObject({ countries: ['DE', 'AT'], doors: [] })
    const browser = await firstSignIn(home)
    expect(browser.text).toContain('Elm Road 2')
    expect((await cloud(...elmRoad)).stdout).toContain('mira@example.org can sign in already.')
  })

  test.each([
    ['--time-zone', 'Berlin', '"Berlin" is not a time zone. Did you mean Europe/Berlin?'],
    ['--countries', 'DE,XX', '"XX" is not a country: two letters, as in US, DE or GB.'],
    ['--owner', 'mira', '"mira" is not an e-mail address.'],
    ['--language', 'nl', '"nl" is not one of the languages en, de, es, fr.'],
    ['--id', 'Elm_Road', '"Elm_Road" is not an id: 1 to 30 small letters, digits and hyphens.'],
  ])('add with a wrong %s changes nothing', async (option, typed, sentence) => {
    const { code, stderr } = await cloud(...elmRoad, option, typed)
    expect([code, stderr.split('\n')[0]]).toEqual([64, sentence])
    expect(await found('elm-road')).toBeNull()
    expect(home.cloud.aws.cognito.invitations).toHaveLength(1)
  })

  test('list shows doors, owners and members; remove needs a household without doors', async () => {
    await cloud(...elmRoad)
    const { stdout } = await cloud('household', 'list')
    expect(stdout).toContain(`${household}  Maple Street 4`)
    expect(stdout).toContain(`  door    ${doorId}  (Front door)`)
    expect(stdout).toContain('  owner   mira@example.org  (invited)')
    const refused = await cloud('household', 'remove', household)
    expect([refused.code, refused.stderr]).toEqual([
      1,
      `${household} has doors. Remove them first: npm run cloud -- door remove DOOR\n`,
    ])
    expect((await cloud('household', 'remove', 'elm-road')).code).toBe(0)
    expect(await found('elm-road')).toBeNull()
    expect((await cloud('household', 'remove', 'elm-road')).stderr).toContain(
      'There is no household',
    )
  })
})

describe('member', () => {
  test('invite and remove', async () => {
    const max = [household, 'max@example.org'] as const
    expect((await cloud('member', 'invite', ...max)).stdout).toContain('Invited max@example.org')
    expect((await cloud('member', 'invite', ...max)).stdout).toContain('again')
    const browser = await firstSignIn(home)
    expect((await cloud('member', 'remove', ...max)).code).toBe(0)
    expect((await browser.fetch(`${home.origin}/v1/doors`)).status).toBe(401)
    const again = await cloud('member', 'remove', ...max)
    expect([again.code, again.stderr]).toEqual([
      1,
      `max@example.org is not a member of ${household}. See: npm run cloud -- household list\n`,
    ])
    const last = await cloud('member', 'remove', household, 'owner@example.org')
    expect(last.stderr).toContain('is the only owner')
  })
})

describe('door', () => {
  const garden = 'maple-street_garden'
  const add = (...more: string[]) => cloud('door', 'add', garden, '--settings', settings, ...more)

  test.each(['UPDATE_IN_PROGRESS', 'UPDATE_ROLLBACK_FAILED', 'CREATE_IN_PROGRESS'])(
    'add changes nothing while the stack is in the state %s, and deletes no key',
    async (status) => {
      const { aws } = home.cloud
      aws.account.stackStatus = status
      const { code, stderr } = await cloud('door', 'add', doorId, '--settings', settings)
      expect([code, stderr]).toEqual([1, expect.stringContaining(`in the state ${status}`)])
      expect(await home.cloud.deps.secrets.doorKey(doorId)).toHaveLength(32)
    },
  )

  test('add lists it in household and settings, and may be repeated', async () => {
    const { code, stdout } = await add('--name', 'Garden gate')
    expect([code, stdout]).toEqual([
      0,
      [
        `Maple Street 4 has the door ${garden}, called "Garden gate".`,
        `Added it to ${settings}.`,
        'Next: npm run deploy, and on the door: sudo -E smart-door provision',
        '',
      ].join('\n'),
    ])
    // The example of the shipped file makes room.
    expect(doorsInFile()).toEqual([garden])
    const before = readFileSync(settings, 'utf8')
    await add()
    expect(readFileSync(settings, 'utf8')).toBe(before)
    expect((await found(household))?.doors.map(({ name }) => name)).toEqual([
      'Front door',
      'Garden gate',
    ])
  })

  test('add replaces a key that an earlier door of its name left', async () => {
    await add()
    expect(home.cloud.aws.calls).toContainEqual({
      service: 'secretsmanager',
      operation: 'DeleteSecret',
    })
  })

  test('add needs a household', async () => {
    const { code, stderr } = await cloud('door', 'add', 'elm-road_front', '--settings', settings)
    expect([code, stderr]).toEqual([
      1,
      'There is no household elm-road. Run: npm run cloud -- household add NAME --id elm-road\n',
    ])
    expect(doorsInFile()).toEqual([doorId])
  })

  test('remove ends its certificates, and takes it from household and settings', async () => {
    await add()
    const { code, stdout } = await cloud('door', 'remove', garden, '--settings', settings)
    expect([code, stdout]).toEqual([
      0,
      `Removed the door ${garden}: AWS accepts nothing from it any more.\n`,
    ])
    expect(doorsInFile()).toEqual([])
    expect((await found(household))?.doors.map(({ doorId: id }) => id)).toEqual([doorId])
    const again = await cloud('door', 'remove', garden, '--settings', settings)
    expect([again.code, again.stderr.split('.')[0]]).toEqual([1, `There is no door ${garden}`])
  })
})

/** The household of the door that `check` plays. */
const played = (published: MemberHome['cloud']['aws']['published']): string =>
  /^door\/v1\/(check-[0-9a-f]+)_front\//.exec(published.at(-1)?.topic ?? '')?.[1] ?? ''

describe('check', () => {
  const check = () =>
    whileWorking({ work: home.cloud.pump }, cloud('check', '--settings', settings))

  test('of a good account and deployment has nothing to say', async () => {
    const { code, stdout } = await check()
    expect(stdout).not.toMatch(/^[!✗]/m)
    expect(stdout).toContain('✓ Signed in to account 000000000000')
    expect(code).toBe(0)
    expect(stdout.match(/^✓ (The pages and|Messages of|Snapshots of) .*$/gm)).toHaveLength(3)
    // The played visit notified no owner, and left nothing.
    const { aws, stack, deps } = home.cloud
    expect([aws.mailbox, aws.texts]).toEqual([[], []])
    expect(aws.bucket(stack.ref('Photos')).list('')).toEqual([])
    const visits = { household: played(aws.published), limit: 10 }
    expect(await deps.visits.history(visits)).toEqual({ visits: [], next: null })
  })

  test('of a new account names every limit, and what to do', async () => {
    const { account } = home.cloud.aws
    account.stacks.clear()
    account.identities.clear()
    const context = JSON.parse(readFileSync(settings, 'utf8')).context
    writeFileSync(settings, JSON.stringify({ context: { ...context, lambdaConcurrency: 10 } }))
    Object.assign(account, {
      ...{ concurrency: 10, distributions: 0, sesProduction: false },
      ...{ smsSandbox: true, smsLimitUsd: null },
    })
    const { code, stdout } = await check()
    expect(code).toBe(0)
    expect(stdout.match(/^! .*$/gm)).toEqual([
      '! Lambda may run only 10 functions at once: several visitors, or many requests to the pages, make others wait.',
      '! SES is in its sandbox: it sends only to addresses that were confirmed.',
      '! SES does not know door@maple.example.com yet.',
      '! SNS is in its SMS sandbox: it texts only numbers that were confirmed.',
      '! SNS stops after 1 USD of texts a month.',
      '! Whether the account is verified for CloudFront shows only when it is used.',
      '! The stack SmartDoor is not deployed in this region.',
    ])
  })

  test('finds alarms without a reader, and a door without a household', async () => {
    const { account } = home.cloud.aws
    account.subscriptions.set(topic, [false])
    const outputs = account.stacks.get('SmartDoor') ?? {}
    account.stacks.set('SmartDoor', { ...outputs, DoorNames: `${doorId},elm-road_front` })
    const { code, stdout } = await check()
    expect([code, stdout.match(/^✗ .*$/gm)]).toEqual([
      1,
      [
        '✗ Alarms reach no one: their address is not confirmed.',
        '✗ No household has elm-road_front, so nothing happens at it.',
      ],
    ])
  })

  test('without credentials says how to sign in', async () => {
    vi.stubEnv('AWS_SECRET_ACCESS_KEY', newId())
    const { code, stdout } = await check()
    expect(code).toBe(1)
    expect(stdout).toContain('Sign in to AWS')
    expect(stdout.trim().split('\n')).toHaveLength(2)
  })
})

test('a mistake is answered before anything is done, with the help of its command', async () => {
  const { code, stderr } = await cloud('door', 'add', 'ELM_front')
  expect([code, stderr]).toEqual([64, expect.stringContaining('npm run cloud -- door add --help')])
  const lost = await cloud('door', 'add', 'maple-street_garden', '--settings', `${settings}.old`)
  expect([lost.code, lost.stderr]).toEqual([1, `There is no file ${settings}.old.\n`])
  expect((await found(household))?.doors).toHaveLength(1)
  const long = await cloud('door', 'add', 'x'.repeat(90_000))
  expect([long.code, long.stderr.length]).toEqual([64, expect.closeTo(100, -2)])
})

test('without a deployment, commands say so', async () => {
  home.cloud.aws.account.stacks.clear()
  const { code, stderr } = await cloud('household', 'list')
  expect([code, stderr]).toEqual([
    1,
    'In this AWS account and region there is no finished stack SmartDoor. Run: npm run deploy\n',
  ])
})
