import { beforeEach, describe, expect, test } from 'vitest'
import { emptyLog, type LogHead, sealRows } from '../../../../device/core/log/log-chain.ts'
import {
  type CloudMessage,
  longestCommandLifeMs,
  oneTimeCodeOf,
  parseCloudMessage,
} from '../../../../protocol/messages/cloud.ts'
import type { DoorBody } from '../../../../protocol/messages/door.ts'
import { derivePasscode, oneTimeDigits } from '../../../../protocol/passcode.ts'
import { eventTopic, parseTopic } from '../../../../protocol/topics.ts'
import { type ManualClock, manualClock } from '../../manual-clock.ts'
import { type NoTextSent, PlayedCloud } from './played-cloud.ts'

const doorId = 'test-door'
const doorKey = new Uint8Array(32).fill(7)
const visitId = 'a'.repeat(32)
const ask = 'b'.repeat(32)

let clock: ManualClock
let cloud: PlayedCloud
let delivered: CloudMessage[]
let head: LogHead
let lastId: number
/** What the door at the other end does when it hears something. */
let door: (message: CloudMessage) => void

beforeEach(() => {
  clock = manualClock()
  delivered = []
  head = emptyLog
  lastId = 0
  door = () => {}
  cloud = new PlayedCloud({ doorId, doorKey, clock, deliver: hear })
})

function hear(topic: string, text: string): void {
  const parsed = parseCloudMessage(text)
  if (!parsed.ok) throw new Error(`the door would refuse this: ${parsed.reason} ${parsed.detail}`)
  const { message } = parsed
  expect(parseTopic(topic)).toEqual({ doorId, direction: 'cmd', type: message.type })
  delivered.push(message)
  door(message)
}

function say(body: DoorBody, topic = eventTopic(doorId, body.type)): string {
  lastId += 1
  const id = lastId.toString(16).padStart(32, '0')
  const seal = { doorId, atMs: clock.wallMs(), timeKnown: true, ids: [id] }
  const [row] = sealRows(head, [body], seal)
  if (!row) throw new Error('nothing was sealed')
  head = row
  cloud.receive(topic, row.text)
  return row.text
}

/** A door that takes every grant, or refuses it for the given reasons first. */
const takesGrants = (...refusals: ('code-in-use' | 'expired')[]) => {
  door = (message) => {
    if (message.type !== 'grant') return
    const { grantId, visitId, holder } = message.credential
    const { visitorId } = holder
    const reason = refusals.shift()
    if (reason) say({ type: 'grant-refused', grantId, reason })
    else say({ type: 'grant-stored', grantId, visitorId, visitId })
  }
}

const typesDelivered = () => delivered.map(({ type }) => type)

describe('a code', () => {
  test('is texted only once the door has the grant', async () => {
    const text = cloud.grantCode({ visitorName: 'Robin', visitId })
    expect(typesDelivered()).toEqual(['grant'])
    expect(cloud.texts).toEqual([])
    const [first] = delivered
    if (first?.type !== 'grant') throw new Error('no grant was sent')
    const grant = oneTimeCodeOf(first.credential)
    if (!grant) throw new Error('not a one-time code')
    say({ type: 'grant-stored', grantId: 'c'.repeat(32), visitorId: grant.visitorId, visitId })
    expect(cloud.texts).toEqual([])

    say({ type: 'grant-stored', grantId: grant.grantId, visitorId: grant.visitorId, visitId })
    const { code } = await text
    expect(code).toBe(derivePasscode(doorKey, grant.grantId, oneTimeDigits))
    expect(cloud.texts.map((sent) => sent.text)).toEqual([
      `Robin, your code for the front door is ${code}. It works once, within 5 min.`,
    ])
    expect(delivered[1]).toMatchObject({ type: 'visit-status', visitId, status: 'code-sent' })
    expect(clock.pending()).toBe(0)
  })

  test('has the digits, language and life that were asked for', async () => {
    takesGrants()
    const sent = await cloud.grantCode({
      visitorName: 'Zoë',
      language: 'de',
      digits: 8,
      visitId: null,
      validMs: 90_000,
    })
    expect(sent.code).toMatch(/^\d{8}$/)
    expect(sent.text).toContain('Haustür')
    expect(sent.expiresAtMs).toBe(clock.wallMs() + 90_000)
    expect(typesDelivered()).toEqual(['grant'])
  })

  test('belongs to whoever is at the door', async () => {
    takesGrants()
    say({ type: 'visit-started', visitId, visitNumber: 4, cause: 'motion' })
    await cloud.grantCode()
    say({ type: 'visit-ended', visitId, lastedMs: 1 })
    await cloud.grantCode()
    const visits = delivered.filter(({ type }) => type === 'grant')
    expect(visits).toMatchObject([{ credential: { visitId } }, { credential: { visitId: null } }])
  })

  test('that another live grant has too is replaced by another one', async () => {
    takesGrants('code-in-use', 'code-in-use')
    await cloud.grantCode({ visitId: null })
    const ids = delivered.flatMap((message) =>
      message.type === 'grant' ? [message.credential.grantId] : [],
    )
    expect(new Set(ids).size).toBe(3)
    expect(cloud.texts.map(({ grantId }) => grantId)).toEqual([ids[2]])
  })

  test('that the door refuses is never texted', async () => {
    takesGrants('expired')
    await expect(cloud.grantCode()).rejects.toMatchObject({ reason: 'expired' })
    expect(cloud.texts).toEqual([])
  })

  test('that the door does not answer for is withdrawn after 10 s', async () => {
    const refused = cloud.grantCode().catch((fault: NoTextSent) => fault.reason)
    clock.advance(9_999)
    expect(typesDelivered()).toEqual(['grant'])
    clock.advance(1)
    expect(await refused).toBe('no-answer')
    expect(typesDelivered()).toEqual(['grant', 'revoke-grant'])
    expect(cloud.texts).toEqual([])
  })
})

describe('a question of the door', () => {
  test('about the time is answered by name', () => {
    say({ type: 'time-wanted', ask })
    expect(delivered).toMatchObject([{ type: 'time', answers: ask, atMs: clock.wallMs() }])
  })

  test('about its state is answered with everything it should hold', async () => {
    takesGrants()
    const used = await cloud.grantCode({ visitId: null })
    const short = await cloud.grantCode({ visitId: null, validMs: 1_000 })
    const live = await cloud.grantCode({ visitId: null })
    const revoked = await cloud.grantCode({ visitId: null })
    const settings = {
      unlockHoldMs: 3_000,
      heldOpenAfterMs: 60_000,
      language: 'fr',
      passcodeDigits: 7,
      timeZone: 'Europe/Berlin',
    } as const
    cloud.send({ type: 'settings', revision: 2, settings })
    cloud.send({ type: 'visitor-removed', visitorId: 'd'.repeat(32) })
    cloud.send({ type: 'revoke-grant', grantId: revoked.grantId, reason: 'changed their mind' })
    const { grantId, visitorId } = used
    say({
      type: 'entry-accepted',
      origin: 'keypad',
      grantId,
      visitorId,
      visitId: null,
      holdMs: 5_000,
    })
    clock.advance(1_000)
    expect(short.expiresAtMs).toBe(clock.wallMs())

    say({ type: 'resync-wanted', ask, cause: 'gap', lastCommandSeq: 3 })
    const state = delivered.at(-1)
    if (state?.type !== 'state') throw new Error('no state was sent')
    expect(state.answers).toBe(ask)
    expect(state.credentials.map(({ grantId }) => grantId)).toEqual([live.grantId])
    expect(state.removedVisitors).toEqual(['d'.repeat(32)])
    expect(state.settings).toEqual({ revision: 2, settings })
  })

  test('continues the count of a cloud that has forgotten its own', () => {
    say({ type: 'resync-wanted', ask, cause: 'started', lastCommandSeq: 41 })
    cloud.send({ type: 'visit-status', visitId, status: 'denied' })
    expect(delivered.map(({ seq }) => seq)).toEqual([42, 43])
  })

  test('stays open while the cloud is told not to answer', () => {
    cloud.answering = false
    say({ type: 'time-wanted', ask })
    say({ type: 'resync-wanted', ask, cause: 'started', lastCommandSeq: 0 })
    expect(delivered).toEqual([])
  })
})

describe('what arrives', () => {
  test('is kept once, however often it is said', () => {
    const heard: string[] = []
    cloud.events.on('message', (message) => heard.push(message.type))
    const text = say({ type: 'door-opened' })
    cloud.receive(eventTopic(doorId, 'door-opened'), text)
    say({ type: 'door-forced' })
    expect(cloud.messages.map(({ type }) => type)).toEqual(['door-opened', 'door-forced'])
    expect(heard).toEqual(['door-opened', 'door-forced'])
    expect(cloud.duplicates).toBe(1)
  })

  test('and is not understood, or on the wrong topic, is noted and changes nothing', () => {
    cloud.receive(eventTopic(doorId, 'door-opened'), 'garbage')
    say({ type: 'door-opened' }, eventTopic(doorId, 'door-closed'))
    say({ type: 'door-opened' }, eventTopic('other-door', 'door-opened'))
    expect(cloud.messages).toEqual([])
    expect(cloud.unreadable.length).toBe(3)
  })
})

test('commands that move the lock carry a new word each and live as long as allowed', () => {
  const commands = [cloud.unlock('Kim'), cloud.unlock('Kim'), cloud.liftPause('Kim')]
  const words = commands.map((command) => ('nonce' in command ? command.nonce : ''))
  expect(new Set(words).size).toBe(3)
  for (const command of commands) {
    expect(command).toMatchObject({
      by: 'Kim',
      expiresAtMs: clock.wallMs() + longestCommandLifeMs,
    })
  }
  expect(typesDelivered()).toEqual(['unlock', 'unlock', 'lift-pause'])
})
