/**
 * A certificate without AWS credentials: a claim is a certificate that can only request another one
 * (AWS IoT fleet provisioning). The provisioning template in the cloud decides which doors may.
 */
import { randomUUID } from 'node:crypto'
import * as z from 'zod/mini'
import type { Identity } from '../../daemon/ports.ts'
import type { NewIdentity } from '../../identity/identity-folder.ts'
import { iotClient } from '../../link/mqtt/client.ts'
import { type Diagnosis, diagnoseHandshake, type Endpoint } from '../../link/mqtt/diagnosis.ts'
import { newRequest } from './certificate-request.ts'
import { CannotProvision, type Say } from './outcome.ts'

interface ClaimRequest {
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
const rejectedSchema = z.object({ errorMessage: z.string() })

const createTopic = '$aws/certificates/create-from-csr/json'
const answerWithinMs = 15_000

export async function identityByClaim(options: ClaimRequest): Promise<NewIdentity> {
  const { endpoint, claim, template, thingName, say } = options
  const failure = await diagnoseHandshake(endpoint, claim)
  if (failure) throw new CannotProvision(`The claim does not work: ${sentenceAbout(failure)}`)
  const { request, close } = await connectWith(endpoint, claim)
  try {
    const { key, request: certificateSigningRequest } = newRequest(thingName)
    const made = certifiedSchema.parse(await request(createTopic, { certificateSigningRequest }))
    const { certificateId, certificatePem, certificateOwnershipToken } = made
    const registered = registeredSchema.parse(
      await request(`$aws/provisioning-templates/${template}/provision/json`, {
        certificateOwnershipToken,
        parameters: { ThingName: thingName },
      }),
    )
    if (registered.thingName !== thingName) {
      throw new CannotProvision(
        `The template registered a door "${registered.thingName}", but this one is "${thingName}".`,
      )
    }
    say(`Made a new key; AWS certified it: ${certificateId}.`)
    return { certificate: certificatePem, key, certificateId }
  } finally {
    await close()
  }
}

/** The sentence for a door would recommend `provision`, which is running. */
const sentenceAbout = ({ reason, sentence }: Diagnosis): string =>
  reason === 'certificate-unreadable'
    ? 'certificate.pem and private-key.pem do not belong together, or are not PEM files.'
    : sentence

/** AWS answers a request on its topic, with `/accepted` or `/rejected` appended. */
async function connectWith(endpoint: Endpoint, claim: Identity) {
  const answers = new Map<string, (text: string) => void>()
  const online = Promise.withResolvers<void>()
  const client = await iotClient(
    {
      endpoint,
      identity: claim,
      thingName: `claim-${randomUUID()}`,
      paced: true,
      keepAliveSeconds: 30,
      reconnectMs: { min: 500, max: 5_000 },
    },
    {
      attempting() {},
      connected: () => online.resolve(),
      failed() {},
      disconnected() {},
      message: (topic, payload) => answers.get(topic)?.(Buffer.from(payload).toString()),
    },
  )
  client.start()
  await inTime(online.promise, 'The cloud does not answer.')
  return { request, close: () => client.stop() }

  async function request(topic: string, body: object): Promise<unknown> {
    const { promise, resolve, reject } = Promise.withResolvers<string>()
    answers.set(`${topic}/accepted`, resolve)
    answers.set(`${topic}/rejected`, (text) => reject(refusal(text)))
    const answered = inTime(promise, 'The cloud does not answer the claim.')
    answered.catch(() => {}) // Not awaited if sending fails.
    await send(topic, body).catch(() => {
      throw new CannotProvision(
        `The cloud does not accept this request of the claim (${topic}): is the claim active, and does it have the deployed policy?`,
      )
    })
    return JSON.parse(await answered)
  }

  async function send(topic: string, body: object): Promise<void> {
    for (const kind of ['accepted', 'rejected']) await client.subscribe(`${topic}/${kind}`)
    await client.publish(topic, JSON.stringify(body))
  }
}

function refusal(text: string): CannotProvision {
  const { data } = z.safeParse(rejectedSchema, jsonIn(text))
  return new CannotProvision(
    `The cloud refused the claim: ${data?.errorMessage ?? 'no reason given'}`,
  )
}

function jsonIn(text: string): unknown {
  try {
    return JSON.parse(text)
  } catch {
    return null
  }
}

async function inTime<T>(answer: Promise<T>, sentence: string): Promise<T> {
  const { promise: late, reject } = Promise.withResolvers<never>()
  const timeout = setTimeout(() => reject(new CannotProvision(sentence)), answerWithinMs)
  return Promise.race([answer, late]).finally(() => clearTimeout(timeout))
}
