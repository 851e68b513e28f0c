/**
 * A scripted cloud for tests of the door alone: just enough that a door gets its answers and a visitor a
 * text. It recognises no one and stores nothing across restarts. It must get the order right: the text
 * goes out only once the door has the grant.
 */
import { randomBytes } from 'node:crypto'
import { EventEmitter } from 'node:events'
import type { Clock } from '../../../../device/daemon/ports.ts'
import {
  type CloudBody,
  type CloudMessage,
  type Credential,
  longestCommandLifeMs,
  longestGrantMs,
  type OneTimeCode,
  oneTimeCodeOf,
  oneTimeCredential,
  type Settings,
} from '../../../../protocol/messages/cloud.ts'
import {
  type DoorMessage,
  type GrantRefusal,
  parseDoorMessage,
} from '../../../../protocol/messages/door.ts'
import { type Language, protocolVersion } from '../../../../protocol/messages/shared.ts'
import {
  derivePasscode,
  oneTimeDigits,
  type PasscodeDigits,
} from '../../../../protocol/passcode.ts'
import { commandTopic, eventTopic } from '../../../../protocol/topics.ts'

export interface TextMessage {
  readonly atMs: number
  readonly to: string
  readonly text: string
  readonly code: string
  readonly grantId: string
  readonly visitorId: string
  readonly expiresAtMs: number
}

export interface GrantRequest {
  readonly visitorName?: string
  readonly language?: Language
  readonly digits?: PasscodeDigits
  /** The current visit by default. */
  readonly visitId?: string | null
  readonly validMs?: number
}

export interface CurrentVisit {
  readonly visitId: string
  /** Null if the visit began before this cloud was started. */
  readonly number: number | null
}

/** The door did not take the grant, so no text went out. */
export class NoTextSent extends Error {
  override readonly name = 'NoTextSent'
  readonly code = 'NO_TEXT_SENT'
  readonly reason: GrantRefusal | 'no-answer'
  constructor(reason: GrantRefusal | 'no-answer') {
    super(`The door did not take the grant: ${reason}.`)
    this.reason = reason
  }
}

/** A message that no door of this version sends. */
export interface Unreadable {
  readonly topic: string
  readonly reason: string
}

export interface CloudOptions {
  readonly doorId: string
  readonly doorKey: Uint8Array
  readonly clock: Clock
  /** Messages are lost while the door is offline; it asks for its state when it is back. */
  readonly deliver: (topic: string, text: string) => void
}

const answerWithinMs = 10_000
const sameCodeTries = 5

const newId = (): string => randomBytes(16).toString('hex')

export class PlayedCloud {
  /** Every message of the door once, in the order in which they first arrived. */
  readonly messages: DoorMessage[] = []
  readonly texts: TextMessage[] = []
  readonly unreadable: Unreadable[] = []
  readonly events = new EventEmitter<{ message: [DoorMessage]; text: [TextMessage] }>()
  /** How many messages arrived again: a door may repeat itself when it is not sure. */
  duplicates = 0
  /** Whether `time-wanted` and `resync-wanted` are answered. */
  answering = true

  readonly #options: CloudOptions
  readonly #seen = new Set<string>()
  readonly #grants = new Map<string, OneTimeCode>()
  readonly #standing = new Map<string, Credential>()
  readonly #removedVisitors = new Set<string>()
  #settings: { revision: number; settings: Settings } | null = null
  #visit: CurrentVisit | null = null
  readonly #names = new Map<string, string>()
  #seq = 0

  constructor(options: CloudOptions) {
    this.#options = options
    this.events.setMaxListeners(0)
  }

  /** The visit that the door reported last, while it lasts. */
  get visit(): CurrentVisit | null {
    return this.#visit
  }

  nameOf(visitorId: string): string | null {
    return this.#names.get(visitorId) ?? null
  }

  receive(topic: string, text: string): void {
    const parsed = parseDoorMessage(text)
    if (!parsed.ok) {
      this.unreadable.push({ topic, reason: `${parsed.reason}: ${parsed.detail}` })
      return
    }
    const { message } = parsed
    if (topic !== eventTopic(this.#options.doorId, message.type)) {
      this.unreadable.push({ topic, reason: `not the topic of ${message.type}` })
    } else if (this.#seen.has(message.id)) {
      this.duplicates += 1
    } else {
      this.#seen.add(message.id)
      this.messages.push(message)
      this.#take(message)
      this.events.emit('message', message)
    }
  }

  #take(message: DoorMessage): void {
    if (message.type === 'visit-started') {
      this.#visit = { visitId: message.visitId, number: message.visitNumber }
    }
    if (message.type === 'visit-ended') this.#visit = null
    if (message.type === 'door-state' && message.visitId !== (this.#visit?.visitId ?? null)) {
      this.#visit = message.visitId === null ? null : { visitId: message.visitId, number: null }
    }
    if (message.type === 'entry-accepted') this.#grants.delete(message.grantId)
    if (!this.answering) return
    if (message.type === 'time-wanted') this.send({ type: 'time', answers: message.ask })
    if (message.type === 'resync-wanted') {
      // This cloud forgets its own count when it restarts; the door does not.
      this.#seq = Math.max(this.#seq, message.lastCommandSeq)
      this.send(this.#state(message.ask))
    }
  }

  #state(ask: string): CloudBody {
    const nowMs = this.#options.clock.wallMs()
    return {
      type: 'state',
      answers: ask,
      credentials: [
        ...[...this.#grants.values()]
          .filter((grant) => grant.expiresAtMs > nowMs)
          .map(oneTimeCredential),
        ...this.#standing.values(),
      ],
      removedVisitors: [...this.#removedVisitors],
      settings: this.#settings,
    }
  }

  /** Sends any message, numbered and addressed; lasting changes are remembered. */
  send(body: CloudBody): CloudMessage {
    const { doorId, clock, deliver } = this.#options
    this.#remember(body)
    this.#seq += 1
    const envelope = { v: protocolVersion, id: newId(), doorId, seq: this.#seq } as const
    const message = { ...envelope, atMs: clock.wallMs(), ...body }
    deliver(commandTopic(doorId, body.type), JSON.stringify(message))
    return message
  }

  #remember(body: CloudBody): void {
    switch (body.type) {
      case 'grant': {
        const { credential } = body
        if (credential.kind === 'standing') this.#standing.set(credential.grantId, credential)
        const grant = oneTimeCodeOf(credential)
        if (!grant) break
        this.#grants.set(grant.grantId, grant)
        this.#names.set(grant.visitorId, grant.visitorName)
        break
      }
      case 'revoke-grant':
        this.#grants.delete(body.grantId)
        this.#standing.delete(body.grantId)
        break
      case 'visitor-removed':
        this.#removedVisitors.add(body.visitorId)
        break
      case 'settings':
        this.#settings = { revision: body.revision, settings: body.settings }
        break
    }
  }

  unlock(by = 'the owner'): CloudMessage {
    return this.send({ type: 'unlock', ...this.#fresh(by) })
  }

  liftPause(by = 'the owner'): CloudMessage {
    return this.send({ type: 'lift-pause', ...this.#fresh(by) })
  }

  #fresh(by: string) {
    const expiresAtMs = this.#options.clock.wallMs() + longestCommandLifeMs
    return { nonce: newId(), expiresAtMs, by }
  }

  /** Settles with the text once the door has the grant; throws `NoTextSent` otherwise. */
  async grantCode(request: GrantRequest = {}): Promise<TextMessage> {
    for (let tries = 1; ; tries += 1) {
      const grant = this.#newGrant(request)
      const refusal = await this.#offer(grant)
      if (!refusal) return this.#text(grant)
      // Another live grant has the same code by chance; the next one will hardly have it too.
      if (refusal === 'code-in-use' && tries < sameCodeTries) continue
      // A new door refuses grants until it knows what it may have missed; it has asked by now.
      if (refusal === 'already-closed' && tries === 1) continue
      throw new NoTextSent(refusal)
    }
  }

  #newGrant(request: GrantRequest): OneTimeCode {
    const nowMs = this.#options.clock.wallMs()
    return {
      grantId: newId(),
      visitId: request.visitId === undefined ? (this.#visit?.visitId ?? null) : request.visitId,
      visitorId: newId(),
      visitorName: request.visitorName ?? 'Robin',
      language: request.language ?? 'en',
      digits: request.digits ?? oneTimeDigits,
      notBeforeMs: nowMs,
      expiresAtMs: nowMs + (request.validMs ?? longestGrantMs),
    }
  }

  async #offer(grant: OneTimeCode): Promise<GrantRefusal | 'no-answer' | null> {
    const { grantId } = grant
    const answer = this.#answerTo(grantId)
    this.send({ type: 'grant', credential: oneTimeCredential(grant) })
    const refusal = await answer
    if (refusal === 'no-answer') {
      this.send({ type: 'revoke-grant', grantId, reason: 'the door did not answer' })
    }
    if (refusal) this.#grants.delete(grantId)
    return refusal
  }

  #answerTo(grantId: string): Promise<GrantRefusal | 'no-answer' | null> {
    return new Promise((resolve) => {
      const settle = (answer: GrantRefusal | 'no-answer' | null) => {
        this.events.off('message', hear)
        cancelWait()
        resolve(answer)
      }
      const hear = (message: DoorMessage) => {
        if (message.type === 'grant-stored' && message.grantId === grantId) settle(null)
        if (message.type === 'grant-refused' && message.grantId === grantId) settle(message.reason)
      }
      const cancelWait = this.#options.clock.after(answerWithinMs, () => settle('no-answer'))
      this.events.on('message', hear)
    })
  }

  #text(grant: OneTimeCode): TextMessage {
    const { doorKey, clock } = this.#options
    const { grantId, visitorId, visitorName, language, digits, expiresAtMs } = grant
    const code = derivePasscode(doorKey, grantId, digits)
    const minutes = Math.max(1, Math.round((expiresAtMs - clock.wallMs()) / 60_000))
    const text = textIn[language](visitorName, code, minutes)
    const message = { atMs: clock.wallMs(), to: visitorName, text, code }
    const sent = { ...message, grantId, visitorId, expiresAtMs }
    this.texts.push(sent)
    if (grant.visitId) {
      this.send({ type: 'visit-status', visitId: grant.visitId, status: 'code-sent' })
    }
    this.events.emit('text', sent)
    return sent
  }
}

const textIn: Record<Language, (name: string, code: string, minutes: number) => string> = {
  en: (name, code, minutes) =>
    `${name}, your code for the front door is ${code}. It works once, within ${minutes} min.`,
  de: (name, code, minutes) =>
    `${name}, Ihr Code für die Haustür ist ${code}. Er gilt einmal, ${minutes} Min. lang.`,
  es: (name, code, minutes) =>
    `${name}, su código para la puerta es ${code}. Sirve una vez, durante ${minutes} min.`,
  fr: (name, code, minutes) =>
    `${name}, votre code pour la porte est le ${code}. Il sert une fois, pendant ${minutes} min.`,
}
