/**
 * From an empty AWS account to an open door, by the commands and pages that an owner has: nothing is
 * set up behind their back. The account is simulated; the CDK, the SDK clients, the functions' bundles,
 * the browser, the MQTT broker and the door's daemon are the real ones.
 */
import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { readFileSync, rmSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import { PutObjectCommand, S3Client } from '@aws-sdk/client-s3'
import type { Browser, Page } from 'playwright-core'
import * as z from 'zod/mini'
import { eventTopic } from '../../protocol/topics.ts'
import { codeIn } from '../../simulation/cloud/inbox.ts'
import { person } from '../../simulation/scenes/drawn-faces.ts'
import { type Edit, patchedSources } from '../proof/mutants/patched-sources.ts'
import { startBrowser } from '../support/browser.ts'
import { snapshotKey } from '../support/cloud/cloud-home.ts'
import { type RunningDoor, runDoor } from '../support/door/running-door.ts'
import { snapshots } from '../support/drawn-snapshots.ts'
import { type Account, openAccount } from './account.ts'

export interface RehearsalOptions {
  /** Mistakes to plant in the deployment. */
  readonly edits?: readonly Edit[]
  /** A second household and door, and their removal. */
  readonly isLong?: boolean
  say(sentence: string): void
}

/** What went wrong, and what a command or a service said about it. */
class RehearsalFailed extends Error {
  override readonly name = 'RehearsalFailed'
}

interface Stage extends RehearsalOptions {
  /** Of the project's copy, in which the owner works. */
  readonly folder: string
  readonly account: Account
  readonly browser: Browser
}

export async function rehearse(options: RehearsalOptions): Promise<void> {
  const sources = patchedSources(options.edits ?? [])
  const account = await openAccount(join(sources.folder, 'cdk.out'))
  const browser = await startBrowser()
  const stage = { ...options, folder: sources.folder, account, browser }
  const doors: RunningDoor[] = []
  try {
    chooseSettings(sources.folder)
    await command(stage, 'cloud', 'check')
    await command(stage, 'deploy', '--require-approval', 'never', '--no-notices')
    await addHousehold(stage, elmRow)
    doors.push(await provision(stage, elmRow))
    await firstVisit(stage, elmRow, doors[0])
  } finally {
    await Promise.all([browser.close(), ...doors.map((door) => door.close())])
    await account.close()
    sources.remove()
  }
}

interface Home {
  readonly name: string
  readonly doorId: string
  readonly owner: string
}

const elmRow: Home = {
  name: 'Elm Row 7',
  doorId: 'elm-row_front',
  owner: 'owner@elm-row.test',
}

/** The addresses, which the examples in cdk.json leave open. */
function chooseSettings(folder: string): void {
  const file = join(folder, 'cdk.json')
  const text = readFileSync(file, 'utf8')
    .replace(/"doors": \[[^\]]*\]/, `"doors": ["${elmRow.doorId}"]`)
    .replace(/"mailFrom": "[^"]*"/, '"mailFrom": "door@elm-row.test"')
    .replace(/"alarmMail": "[^"]*"/, `"alarmMail": "${elmRow.owner}"`)
  writeFileSync(file, text)
}

/** One of the project's commands, in the owner's shell. */
async function command({ folder, account, say }: Stage, name: string, ...args: string[]) {
  say(`npm run ${[name, ...(args.length > 0 ? ['--', ...args] : [])].join(' ')}`)
  const child = spawn('npm', ['run', '--silent', name, '--', ...args], {
    cwd: folder,
    env: { PATH: process.env['PATH'], HOME: folder, CI: 'true', ...account.environment },
    stdio: ['ignore', 'pipe', 'pipe'],
  })
  let output = ''
  for (const stream of [child.stdout, child.stderr]) {
    stream.on('data', (chunk: Buffer) => {
      output += chunk.toString()
    })
  }
  const [code] = await once(child, 'close')
  if (code === 0) return output
  throw new RehearsalFailed(`npm run ${name} ${args.join(' ')} ended with ${code}:\n${output}`)
}

async function addHousehold(stage: Stage, { name, doorId, owner }: Home): Promise<void> {
  const [zone, countries] = ['Europe/Berlin', 'US,DE']
  const options = [
    '--id',
    doorId.replace(/_.*/, ''),
    '--time-zone',
    zone,
    '--countries',
    countries,
    '--owner',
    owner,
  ]
  await command(stage, 'cloud', 'household', 'add', name, ...options)
  await signIn(stage, owner, name)
}

const newPassword = 'Correct-horse-battery-9'

/** With the password of the invitation, as the invitation says. */
async function signIn({ account, browser, say }: Stage, owner: string, name: string) {
  say(`${owner} signs in`)
  const invitation = account.aws.cognito.invitations.findLast(({ to }) => to.includes(owner))
  if (!invitation) throw new RehearsalFailed(`${owner} got no invitation.`)
  const [, password = ''] = /temporary password: (\S+?)<br>/.exec(invitation.html ?? '') ?? []
  const page = await newPage(browser)
  await page.goto(account.gateway.origin)
  await page.getByRole('link', { name: 'Sign in' }).click()
  await page.getByLabel('Email').fill(owner)
  await page.getByLabel('Password').fill(password)
  await page.getByRole('button', { name: 'Sign in' }).click()
  await page.getByLabel('New password', { exact: true }).fill(newPassword)
  await page.getByLabel('again').fill(newPassword)
  await page.getByRole('button', { name: 'Change password' }).click()
  await page.getByRole('heading', { level: 1, name }).waitFor()
  await page.context().close()
}

const newPage = async (browser: Browser): Promise<Page> =>
  (await browser.newContext({ locale: 'en' })).newPage()

/** The door's computer gets its papers and config, and its daemon connects. */
async function provision(stage: Stage, { doorId }: Home): Promise<RunningDoor> {
  const { account, say } = stage
  const door = await runDoor({
    startNow: false,
    config: {
      doorId,
      link: 'iot',
      iot: {
        port: account.broker.port,
        identityDir: join(account.ca.folder, doorId),
        authorityFile: account.ca.certificate,
      },
    },
  })
  rmSync(join(door.folder, 'door-key'))
  await command(stage, 'smart-door', 'provision', '--config', door.configPath, '--write')
  await door.start()
  say('the daemon starts with that config')
  const introduced = eventTopic(doorId, 'door-introduced')
  await until(`${doorId} does not reach the cloud.`, async () => account.heard.includes(introduced))
  return door
}

const patienceMs = 60_000

async function until(otherwise: string, holds: () => Promise<boolean>): Promise<void> {
  const endMs = Date.now() + patienceMs
  while (!(await holds())) {
    if (Date.now() > endMs) throw new RehearsalFailed(otherwise)
    await sleep(50)
  }
}

/** Two snapshots of a stranger, as the door's own role may upload them. */
async function rings({ account }: Stage, { doorId }: Home, bucket: string): Promise<void> {
  const { aws } = account
  const deployment = account.deployment()
  const role = deployment.stack.attribute('Doors/Role', 'Arn')
  const credentials = deployment.assumeRole({ roleArn: role, thingName: doorId })
  const s3 = new S3Client({
    region: aws.region,
    endpoint: aws.url,
    credentials,
    forcePathStyle: true,
  })
  const visitId = '0123456789abcdef0123456789abcdef'
  for (const nth of [1, 2]) {
    const Key = snapshotKey(visitId, Date.now(), doorId)
    const Body = snapshots.front(person('robin'), nth)
    const Metadata = { 'visit-number': '7' }
    await s3.send(
      new PutObjectCommand({ Bucket: bucket, Key, Body, ContentType: 'image/jpeg', Metadata }),
    )
    await account.work()
  }
}

/** What `provision --write` adds. */
const provisionedSchema = z.looseObject({ uploads: z.looseObject({ bucket: z.string() }) })

async function firstVisit(stage: Stage, home: Home, door: RunningDoor | undefined) {
  const { account, browser, say } = stage
  if (!door) return
  const config: unknown = JSON.parse(readFileSync(door.configPath, 'utf8'))
  const { uploads } = z.parse(provisionedSchema, config)
  say('an unknown visitor stands at the door')
  await rings(stage, home, uploads.bucket)
  const link = () => {
    const mail = account.aws.mailbox.findLast(({ to }) => to.includes(home.owner))
    return /https?:\/\/\S+/.exec(mail?.text ?? '')?.[0]
  }
  await until('The owner got no mail about the visitor.', async () => {
    await account.work()
    return link() !== undefined
  })
  say('the owner allows them')
  const page = await newPage(browser)
  await page.goto(link() ?? '')
  await page.getByLabel('Name').fill('Robin Vale')
  await page.getByLabel('Phone').fill('+1 202 555 0143')
  await page.getByLabel('Visit number').fill('7')
  await page.getByLabel('They agree').check()
  await page.getByRole('button', { name: 'Allow' }).click()
  await page.getByText('Robin Vale may come in.').waitFor()
  await page.context().close()
  const text = () => account.aws.texts.at(-1)?.body ?? ''
  await until('The visitor got no text.', async () => {
    await account.work()
    return text() !== ''
  })
  const code = codeIn(text()) ?? ''
  say('the visitor types the code of the text')
  const { outcome } = await door.enter(code)
  if (outcome !== 'accepted') throw new RehearsalFailed(`The door answered: ${outcome}.`)
}
