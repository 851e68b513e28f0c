/**
 * Getting a certificate without AWS credentials, by a claim: a certificate that may do nothing but
 * ask for another. What a door may be called is decided by the provisioning template in the cloud.
 */
import { randomUUID } from 'node:crypto'
import * as z from 'zod/mini'
import type { Identity } from '../../daemon/ports.ts'
import type { NewIdentity } from '../../identity/identity-folder.ts'
import { iotClient } from '../../link/mqtt/client.ts'
import { type Diagnosis, diagnoseHandshake, type Endpoint } from '../../link/mqtt/diagnosis.ts'
import { newRequest } from './certificate-request.ts'
import { CannotProvision, type Say } from './with-aws-keys.ts'

interface ClaimOptions {
  readonly endpoint: Endpoint
  readonly claim: Identity
  readonly template: string
  readonly thingName: string
  readonly say: Say
}

const certifiedSchema = z.object({
  certificateId: z.string().check(z.minLength(1)),
  certificatePem: z.string().check(z.minLength(1)),
  certificateOwnershipToken: z.string().check(z.minLength(1)),
})
const registeredSchema = z.object({ thingName: z.string() })
const rejectedSchema = z.object({ errorMessage: z.optional(z.string()) })

const createTopic = '$aws/certificates/create-from-csr/json'
const answerWithinMs = 15_000

export async function identityByClaim(options: ClaimOptions): Promise<NewIdentity> {
  const problem = await diagnoseHandshake(options.endpoint, options.claim)
  if (problem) throw new CannotProvision(`With the claim: ${sentenceAbout(problem)}`)
  const { ask, close } = await conversation(options)
  try {
    const { key, request } = newRequest(options.thingName)
    const made = z.parse(
      certifiedSchema,
      await ask(createTopic, { certificateSigningRequest: request }),
    )
    const { thingName } = z.parse(
      registeredSchema,
      await ask(`$aws/provisioning-templates/${options.template}/provision/json`, {
        certificateOwnershipToken: made.certificateOwnershipToken,
        parameters: { ThingName: options.thingName },
      }),
    )
    if (thingName !== options.thingName) {
      throw new CannotProvision(
        `The template made a door called "${thingName}", but this one is "${options.thingName}".`,
      )
    }
    options.say(`A new key was made here, and AWS has certified it: ${made.certificateId}.`)
    return { certificate: made.certificatePem, key, certificateId: made.certificateId }
  } finally {
    await close()
  }
}

/** The door's own sentence sends to `provision`, which is where we are. */
const sentenceAbout = ({ reason, sentence }: Diagnosis): string =>
  reason === 'certificate-unreadable'
    ? 'certificate.pem and private-key.pem do not belong together, or are none.'
    : sentence

/** Questions by topic, whose answers come on the same topic with `/accepted` or `/rejected`. */
async function conversation({ endpoint, claim }: ClaimOptions) {
  const answers = new Map<string, (text: string) => void>()
  let connected = () => {}
  const online = new Promise<void>((resolve) => {
    connected = resolve
  })
  const client = await iotClient(
    {
      ...{ endpoint, identity: claim, thingName: `claim-${randomUUID()}`, paced: true },
      ...{ keepAliveSeconds: 30, reconnectMs: { min: 500, max: 5_000 } },
    },
    {
      attempting() {},
      connected: () => connected(),
      failed() {},
      disconnected() {},
      message: (topic, text) => answers.get(topic)?.(text),
    },
  )
  client.start()
  await inTime(online, 'The cloud does not answer.')
  return { ask, close: () => client.stop() }

  async function ask(topic: string, question: object): Promise<unknown> {
    const answer = new Promise<string>((resolve, reject) => {
      answers.set(`${topic}/accepted`, resolve)
      answers.set(`${topic}/rejected`, (text) => reject(refusal(text)))
    })
    const answered = inTime(answer, 'The cloud does not answer to the claim.')
    answered.catch(() => {}) // Nobody waits for it once the question itself has failed.
    await said(topic, question).catch(() => {
      throw new CannotProvision(
        `The cloud does not let the claim say that (${topic}): is it active, and its policy the one of the deployment?`,
      )
    })
    return JSON.parse(await answered)
  }

  async function said(topic: string, question: object): Promise<void> {
    for (const kind of ['accepted', 'rejected']) await client.subscribe(`${topic}/${kind}`)
    await client.publish(topic, JSON.stringify(question))
  }
}

function refusal(text: string): CannotProvision {
  const { success, data } = z.safeParse(rejectedSchema, safely(text))
  const why = success ? (data.errorMessage ?? 'without a reason') : 'without a reason'
  return new CannotProvision(`The cloud refused the claim: ${why}`)
}

function safely(text: string): unknown {
  try {
    return JSON.parse(text)
  } catch {
    return null
  }
}

async function inTime<T>(answer: Promise<T>, sentence: string): Promise<T> {
  let impatience: NodeJS.Timeout | undefined
  const late = new Promise<never>((_, reject) => {
    impatience = setTimeout(() => reject(new CannotProvision(sentence)), answerWithinMs)
  })
  return Promise.race([answer, late]).finally(() => clearTimeout(impatience))
}
