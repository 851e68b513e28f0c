/**
 * A household whose cloud is the real one and whose door is a script: it takes every grant and says
 * so. Time passes only when a test advances the clock.
 */
import { createHash, randomBytes } from 'node:crypto'
import type { Household } from '../../../cloud/members/core/household.ts'
import { chainHash, chainStart } from '../../../protocol/log-chain.ts'
import { type CloudBody, cloudBodies, parseCloudMessage } from '../../../protocol/messages/cloud.ts'
import type { DoorBody, DoorMessage } from '../../../protocol/messages/door.ts'
import { oneTimeDigits } from '../../../protocol/passcode.ts'
import { eventTopic } from '../../../protocol/topics.ts'
import {
  type CloudDeps,
  type SimulatedCloud,
  type SimulatedCloudOptions,
  startSimulatedCloud,
} from '../../../simulation/cloud/cloud.ts'
import type { Backend } from '../../../simulation/cloud/http-gateway.ts'
import { templateFor } from './template-for.ts'

export const household = 'maple-street'
export const doorId = 'maple-street_front'
export const newId = (): string => randomBytes(16).toString('hex')

export const mapleStreet: Household = {
  household,
  name: 'Maple Street 4',
  owners: [{ email: 'owner@example.org', language: 'en' }],
  countries: ['US', 'DE'],
  timeZone: 'Europe/Berlin',
  lists: [],
  doors: [
    {
      doorId,
      name: 'Front door',
      revision: 1,
      settings: {
        unlockHoldMs: 5_000,
        heldOpenAfterMs: 60_000,
        language: 'en',
        passcodeDigits: oneTimeDigits,
        timeZone: 'Europe/Berlin',
      },
    },
  ],
}

export interface CloudHome extends SimulatedCloud {
  /** Of the first door. */
  readonly doorKey: Uint8Array
  keyOf(doorId: string): Uint8Array
  /** Without a limit for requests, as tests ask faster than people. */
  readonly backend: Backend
  /** All commands to doors, oldest first. */
  readonly told: readonly ToldDoor[]
  readonly clock: { nowMs(): number; advance(ms: number): void }
  /** Whether the door answers grants. */
  doorAnswers: boolean
  says(body: DoorBody, from?: string): Promise<void>
  /** Runs the function for a door's message, and throws when it fails. */
  hears(message: DoorMessage): Promise<unknown>
  /** Until neither queues nor the door have anything more to say. */
  settled(): Promise<void>
}

interface ToldDoor {
  readonly doorId: string
  readonly body: CloudBody
}

interface Options {
  readonly households?: readonly Household[]
  readonly between?: (deps: CloudDeps) => CloudDeps
  readonly log?: SimulatedCloudOptions['log']
  readonly webOrigin?: SimulatedCloudOptions['webOrigin']
  readonly cognito?: SimulatedCloudOptions['cognito']
}

export async function cloudHome(options: Options = {}): Promise<CloudHome> {
  const { households = [mapleStreet], between, log, webOrigin, cognito } = options
  let nowMs = Date.now()
  const clock = {
    nowMs: () => nowMs,
    advance(ms: number) {
      nowMs += ms
    },
  }
  const doors = households.flatMap((one) => one.doors.map((door) => door.doorId))
  const told: ToldDoor[] = []
  const unsaid: (() => Promise<void>)[] = []
  const toDoor = (_topic: string, text: string) => {
    const parsed = parseCloudMessage(text)
    if (!parsed.ok) throw new Error(`A door would refuse this: ${parsed.reason} ${parsed.detail}`)
    const { message } = parsed
    told.push({ doorId: message.doorId, body: message })
    if (message.type !== 'grant' || !home.doorAnswers) return
    const { grantId, visitId, holder } = message.credential
    const { visitorId } = holder
    const stored = { type: 'grant-stored', grantId, visitId, visitorId } as const
    unsaid.push(() => home.says(stored, message.doorId))
  }
  const cloud = await startSimulatedCloud({
    ...{ clock, households, toDoor, template: await templateFor(doors) },
    ...(between && { between }),
    ...(log && { log }),
    ...(webOrigin && { webOrigin }),
    ...(cognito && { cognito }),
  })
  for (const { household: of, doors } of households) {
    for (const door of doors) {
      const capabilities = [
        ...Object.keys(cloudBodies),
        'credential:one-time',
        'credential:standing',
      ]
      const introduction = { protocol: 1, software: '0.2.0', capabilities, atMs: nowMs }
      await cloud.deps.introductions.put({ household: of, doorId: door.doorId }, introduction)
    }
  }
  const keyOf = (of: string) => Buffer.from(cloud.doorKeyOf(of), 'hex')
  const logs = new Map<string, DoorLog>()
  const home: CloudHome = {
    ...cloud,
    ...{ told, clock, doorAnswers: true },
    keyOf,
    backend: {
      front: cloud.front,
      api: { ...cloud.httpApi, throttle: null },
      invoke: cloud.invokeArn,
    },
    doorKey: keyOf(doors[0] ?? doorId),
    hears: (message) =>
      cloud.invoke('from-door', { topic: eventTopic(message.doorId, message.type), ...message }),
    says: (body, from = doorId) => {
      const log = logs.get(from) ?? doorLog(from)
      logs.set(from, log)
      return cloud.fromDoor(eventTopic(from, body.type), log.next(body, nowMs))
    },
    async settled() {
      do {
        await cloud.pump()
        for (const say of unsaid.splice(0)) await say()
      } while (unsaid.length > 0)
    },
  }
  return home
}

export interface DoorLog {
  /** The text of the next message. */
  next(body: DoorBody, atMs: number): string
}

/** The log of a door that is honest: each message names the hash of the one before. */
export function doorLog(from: string): DoorLog {
  let seq = 0
  let prev = chainStart
  return {
    next(body, atMs) {
      seq += 1
      const text = JSON.stringify({ ...doorMessage(body, from, seq, atMs), prev })
      prev = chainHash(text)
      return text
    },
  }
}

/** Named after what it says, so that saying it again is the same message. */
export function doorMessage(body: DoorBody, from: string, seq: number, atMs: number): DoorMessage {
  const id = createHash('sha256').update(`${from} ${seq}`).digest('hex').slice(0, 32)
  const prev = '0'.repeat(64)
  return { v: 1, id, doorId: from, seq, atMs, timeKnown: true, prev, ...body }
}

export const snapshotKey = (visitId: string, takenAtMs: number, door = doorId): string =>
  `snapshots/${door}/${visitId}/${takenAtMs}.jpg`

/** What the mail's link says: which request, and the secret that goes with it. */
export function linkIn(text: string | null): { readonly request: string; readonly token: string } {
  const fragment = new URLSearchParams(/#(\S+)/.exec(text ?? '')?.[1])
  return { request: fragment.get('r') ?? '', token: fragment.get('t') ?? '' }
}
