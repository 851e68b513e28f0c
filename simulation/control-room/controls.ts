/** Everything that a person can do on the control room's page, or a script through its HTTP API. */
import { randomInt } from 'node:crypto'
import type { FastifyInstance, FastifyReply, FastifyRequest } from 'fastify'
import * as z from 'zod/mini'
import type { KeypadProblem } from '../../protocol/keypad-api.ts'
import { longestWatchMs } from '../../protocol/messages/cloud.ts'
import type { Home } from '../home/home.ts'
import { nameOf, personId } from '../scenes/scene.ts'
import { troubleSchema, troubleSentence } from '../scenes/troubles.ts'
import { unfit } from '../script/schema-words.ts'

export interface ControlledThings {
  /** Another one after a reset. */
  readonly home: () => Home
  /** Deletes everything and starts a new home. */
  readonly reset: () => Promise<void>
}

interface Control<Action> {
  /** For large bodies. */
  readonly bodyLimit?: number
  readonly schema: z.ZodMiniType<Action>
  /** The timeline's sentence, written before the consequences; null if only the result decides. */
  readonly sentence: (action: Action, home: Home) => string | null
  /** Returns a problem, an answer, or neither. */
  readonly act: (home: Home, action: Action) => Outcome | Promise<Outcome>
}
type Outcome = undefined | KeypadProblem | { readonly answer: object }

const nothing = z.strictObject({})
const oneWeekSeconds = 7 * 86_400
const tenYearsSeconds = 10 * 365 * 86_400

/** A control without parameters that always works. */
const button = (sentence: string, press: (home: Home) => void): Control<object> => ({
  schema: nothing,
  sentence: () => sentence,
  act: (home) => void press(home),
})

const codeSchema = z.string().check(z.regex(/^\d{4,12}$/), z.describe('4 to 12 digits, as a text'))
const personSchema = z
  .string()
  .check(
    z.regex(personId, 'not a name'),
    z.describe('a name of up to 40 letters, digits, “-” or “_”'),
  )

export function addControls(app: FastifyInstance, { home, reset }: ControlledThings): void {
  const add = <Action>(path: string, control: Control<Action>) => {
    const { bodyLimit, schema } = control
    app.post(`/api/${path}`, { ...(bodyLimit && { bodyLimit }) }, async (request, reply) => {
      const action = z.safeParse(schema, bodyOf(request))
      if (!action.success) return refuse(reply, 400, notUnderstood(schema, action.error))
      const sentence = control.sentence(action.data, home())
      if (sentence !== null) home().note(sentence)
      const outcome = await control.act(home(), action.data)
      if (outcome === undefined) return reply.code(204).send()
      return 'answer' in outcome ? reply.send(outcome.answer) : refuse(reply, 409, outcome)
    })
  }
  addPeople(add)
  addDoor(add)
  addWatching(add)
  addTroubles(add)
  app.post('/api/reset', async (request, reply) => {
    const action = z.safeParse(nothing, bodyOf(request))
    if (!action.success) return refuse(reply, 400, notUnderstood(nothing, action.error))
    await reset()
    return reply.code(204).send()
  })
}

/** No body counts as an empty object. */
const bodyOf = ({ body }: FastifyRequest): unknown => (body === undefined ? {} : body)

type Add = <Action>(path: string, control: Control<Action>) => void

const largestPictureBytes = 400 * 1024
/** How every JPEG begins, in base64. */
const jpegBase64 = z
  .string()
  .check(z.regex(/^\/9j\/[A-Za-z0-9+/]+={0,2}$/), z.describe('a JPEG in base64'))

function addPeople(add: Add): void {
  add('webcam', {
    bodyLimit: largestPictureBytes,
    schema: z.strictObject({ jpeg: jpegBase64 }),
    sentence: () => 'You walked up to the door yourself.',
    act: ({ scene }, { jpeg }) =>
      void scene.arriveInPerson(new Uint8Array(Buffer.from(jpeg, 'base64'))),
  })
  add('arrive', {
    schema: z.strictObject({ person: z.optional(personSchema) }),
    sentence: ({ person = 'An unknown visitor' }) => `${nameOf(person)} walked up to the door.`,
    act: ({ scene }, { person }) => void scene.arrive(person ?? `stranger-${randomInt(1e6)}`),
  })
  add('leave', {
    schema: z.strictObject({ person: z.optional(personSchema) }),
    sentence: ({ person }, { scene }) => leaving(person, scene.standing()),
    act: ({ scene }, { person }) => void scene.leave(person),
  })
  add(
    'bell',
    button('The bell was pressed.', ({ connections }) => connections.bell()),
  )
  add('press', {
    schema: z.strictObject({ code: codeSchema }),
    sentence: () => 'A code was typed.',
    act: async (home, { code }) => {
      const answer = await home.press(code)
      return answer ? { answer } : problems.noKeypad
    },
  })
}

/** Null if the person is not there. */
function leaving(person: string | undefined, standing: readonly string[]): string | null {
  if (standing.length === 0 || (person !== undefined && !standing.includes(person))) return null
  return person === undefined
    ? 'Everyone at the door walked away.'
    : `${nameOf(person)} walked away.`
}

function addDoor(add: Add): void {
  add(
    'exit-button',
    button('The exit button was pressed inside.', ({ connections }) => connections.exit()),
  )
  add('contact', {
    schema: z.strictObject({ open: z.boolean() }),
    sentence: ({ open }, { connections }) => pushed(open, connections.lockState() === 'closed'),
    act: ({ connections }, { open }) => void connections.contact(open),
  })
  add('unlock', {
    schema: nothing,
    sentence: () => null,
    act: async (home) => {
      const answer = await home.unlock()
      home.note(answer?.ok ? 'The owner opened the door remotely.' : unreachable)
      return answer?.ok ? undefined : problems.unreachable
    },
  })
}

function addWatching(add: Add): void {
  add('watch', {
    schema: z.strictObject({ forMs: z.optional(watchedMs) }),
    // The door's own log has an entry for the live view.
    sentence: () => null,
    act: async (home, { forMs = longestWatchMs }) =>
      (await home.watch(forMs))?.ok ? undefined : problems.unreachable,
  })
}

const watchedMs = z.int().check(z.minimum(0), z.maximum(longestWatchMs))

const unreachable = 'The owner tried to open the door remotely, but it could not be reached.'

function pushed(open: boolean, isLocked: boolean): string {
  if (!open) return 'The door was pushed shut.'
  return isLocked ? 'The locked door was forced open.' : 'The door was pushed open.'
}

function addTroubles(add: Add): void {
  add('network', {
    schema: z.strictObject({ up: z.boolean() }),
    sentence: ({ up }) => (up ? 'You restored the network.' : 'You cut the network.'),
    act: ({ troubles }, { up }) => void troubles.make({ network: up }),
  })
  add(
    'power-cut',
    button('You cut the power for a moment.', ({ door }) => door.powerCut()),
  )
  add('clock', {
    schema: z.strictObject({
      jumpSeconds: z.number().check(z.minimum(-tenYearsSeconds), z.maximum(tenYearsSeconds)),
      whose: z.optional(z.enum(['everybody', 'door'])),
    }),
    sentence: clockSentence,
    act: moveClock,
  })
  add('trouble', {
    schema: troubleSchema,
    sentence: troubleSentence,
    act: ({ troubles }, trouble) => {
      const sentence = troubles.make(trouble)
      return sentence === null ? undefined : { problem: 'not-here', sentence }
    },
  })
}

interface ClockAction {
  readonly jumpSeconds: number
  readonly whose?: 'everybody' | 'door' | undefined
}

/** Time can be skipped for all, but only the door's own clock can be set back. */
const isDoors = ({ jumpSeconds, whose }: ClockAction) =>
  (whose ?? (jumpSeconds < 0 ? 'door' : '')) === 'door'

function clockSentence(action: ClockAction): string {
  const seconds = Math.abs(action.jumpSeconds)
  if (!isDoors(action)) return `You skipped ${seconds} s.`
  return `You set the door’s clock ${action.jumpSeconds < 0 ? 'back' : 'forward'} by ${seconds} s.`
}

async function moveClock(home: Home, action: ClockAction): Promise<Outcome> {
  const { jumpSeconds } = action
  if (isDoors(action)) return void (await home.troubles.moveDoorClock(jumpSeconds * 1_000))
  if (jumpSeconds < 0) return problems.backwards
  if (jumpSeconds > oneWeekSeconds) return problems.tooFar
  return void (await home.pass(jumpSeconds * 1_000))
}

const problems = {
  noKeypad: {
    problem: 'no-keypad',
    sentence:
      'The code was not checked, because the door is not running or cannot write to its disk.',
  },
  unreachable: {
    problem: 'no-answer',
    sentence: 'Nothing was done, because the door could not be reached.',
  },
  backwards: {
    problem: 'backwards',
    sentence: 'Time cannot run backwards; only the door’s own clock can be set back.',
  },
  tooFar: { problem: 'too-far', sentence: 'No more than a week can be skipped at once.' },
} as const

const notUnderstood = (schema: z.core.$ZodType, error: z.core.$ZodError): KeypadProblem => {
  const { at, wanted } = unfit(schema, error)
  const sentence = `This is not understood: ${at || 'the request'}. It takes ${wanted}.`
  return { problem: 'not-understood', sentence }
}

const refuse = (reply: FastifyReply, status: number, problem: KeypadProblem): FastifyReply =>
  reply.code(status).send(problem)
