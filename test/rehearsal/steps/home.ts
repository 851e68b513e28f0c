/** A household: its owner signs in, and its door connects. */
import { setTimeout as sleep } from 'node:timers/promises'
import { type Browser, type Door, RehearsalFailed, type Stage } from '../stage.ts'
import { pathsOf, resourcesOf, step } from '../troubles.ts'

export interface Home {
  readonly name: string
  readonly household: string
  /** Their address. */
  readonly owner: string
  readonly browser: Browser
  readonly door: Door
}

/** With the password of the invitation, as the invitation says. */
export async function signIn(stage: Stage, email: string, name: string): Promise<Browser> {
  const browser = await stage.newBrowser()
  const { signIns } = stage.aws.cognito
  const [refusals, tokens] = [signIns.refusals.length, signIns.tokens.length]
  const what = async () => {
    const invitation = stage.aws.cognito.invitations.findLast(({ to }) => to.includes(email))
    const [, password] = /temporary password: (\S+?)<br>/.exec(invitation?.html ?? '') ?? []
    if (password === undefined) throw new RehearsalFailed(`${email} got no invitation.`)
    const page = await browser.signIn(email, password)
    if (!page.includes(name)) throw new RehearsalFailed(`The page says: ${page}`)
  }
  await step(stage, `${email} signs in`, () =>
    what().catch((error: unknown) => {
      const [refusal] = signIns.refusals.slice(refusals)
      const [token] = signIns.tokens.slice(tokens)
      throw new RehearsalFailed(`${signInTrouble(stage, refusal, token)} ${error}`)
    }),
  )
  return browser
}

type Events = Stage['aws']['cognito']['signIns']

/** What Cognito knows about a sign-in that failed. */
function signInTrouble(
  stage: Stage,
  refusal: Events['refusals'][number] | undefined,
  token: Events['tokens'][number] | undefined,
): string {
  if (refusal) return `${refusal.clientId} refuses the sign-in: ${refusal.problem}.`
  if (token && !('custom:household' in token.claims)) {
    return `The ID token of ${token.clientId} does not say the household.`
  }
  const functions = resourcesOf(stage).filter(({ path }) => path === 'first-login/Function')
  const isJoined = functions.some(({ physicalId }) => stage.deployment().used.has(physicalId))
  return token && !isJoined ? `${pathsOf(stage, 'AWS::Cognito::UserPool')} called no function.` : ''
}

/** Its computer gets papers and config, and its daemon connects. */
export async function startDoor(
  stage: Stage,
  doorId: string,
  provisioning: readonly string[],
): Promise<Door> {
  const door = await stage.newDoor(doorId)
  for (const line of provisioning) {
    await step(stage, `${line} (at ${doorId})`, async () => door.run(line))
  }
  await step(stage, `${doorId} connects`, async () => {
    await door.start()
    await isUsed(stage, 'AWS::IoT::TopicRule', 'passes on no message of a door')
  })
  await step(stage, `${doorId} pretends to be another door`, async () => {
    if (!(await door.passesAs('other-house_front'))) return
    const [policy] = pathsOf(stage, 'AWS::IoT::Policy')
    throw new RehearsalFailed(`${policy} lets ${doorId} speak for every door.`)
  })
  return door
}

/** Waits until every resource of a type has done something. */
export async function isUsed(stage: Stage, type: string, otherwise: string): Promise<void> {
  const { used } = stage.deployment()
  await until(stage, async () => {
    const unused = resourcesOf(stage).find((one) => one.type === type && !used.has(one.physicalId))
    return unused ? `${unused.path} ${otherwise}.` : null
  })
}

const patienceMs = 60_000

/** `reason` says why not yet; null once all is well. Where time can be moved, waiting is no use. */
export async function until(stage: Stage, reason: () => Promise<string | null>): Promise<void> {
  const endMs = Date.now() + (stage.lab === null ? patienceMs : 0)
  for (;;) {
    await stage.settle()
    const found = await reason()
    if (found === null) return
    if (Date.now() >= endMs) throw new RehearsalFailed(found)
    await sleep(100)
  }
}

export async function seesOnlyOwnDoor(stage: Stage, { owner, browser, door }: Home): Promise<void> {
  await step(stage, `${owner} sees only their own door`, async () => {
    const { status, text } = await browser.get('/v1/doors')
    const seen = [...text.matchAll(/"doorId":"([^"]*)"/g)].map(([, doorId]) => doorId)
    if (status === 200 && seen.join() === door.doorId) return
    throw new RehearsalFailed(`They see ${seen.join(', ') || `no door (${status})`}.`)
  })
}
