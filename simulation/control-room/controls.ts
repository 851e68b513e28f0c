/** Everything that a person can do on the control room's page, or a script over HTTP. */
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
  /** Forgets everything and everybody. */
  readonly reset: () => Promise<void>
}

interface Control<Action> {
  /** Where more than a few words are sent. */
  readonly bodyLimit?: number
  readonly schema: z.ZodMiniType<Action>
  /** Said before its consequences; null when that is known only afterwards. */
  readonly sentence: (wish: Action, home: Home) => string | null
  /** A problem if it can't be done now, an answer if there is one. */
  readonly act: (home: Home, wish: Action) => Outcome | Promise<Outcome>
}
type Outcome = undefined | KeypadProblem | { readonly answer: object }

const nothing = z.strictObject({})
const oneWeekSeconds = 7 * 86_400
const tenYearsSeconds = 10 * 365 * 86_400

/** A control that takes nothing and always works. */
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
    const { bodyLimit } = control
    app.post(
      `/api/${path}`,
      bodyLimit === undefined ? {} : { bodyLimit },
      async (request, reply) => {
        const wish = z.safeParse(control.schema, wished(request))
        if (!wish.success) return refuse(reply, 400, notUnderstood(control.schema, wish.error))
        const sentence = control.sentence(wish.data, home())
        if (sentence !== null) home().note(sentence)
        const outcome = await control.act(home(), wish.data)
        if (outcome === undefined) return reply.code(204).send()
        return 'answer' in outcome ? reply.send(outcome.answer) : refuse(reply, 409, outcome)
      },
    )
  }
  addPeople(add)
  addDoor(add)
  addWatching(add)
  addTroubles(add)
  app.post('/api/reset', async (request, reply) => {
    const wish = z.safeParse(nothing, wished(request))
    if (!wish.success) return refuse(reply, 400, notUnderstood(nothing, wish.error))
    await reset()
    return reply.code(204).send()
  })
}

/** No body at all is an empty wish; anything else has to be one. */
const wished = ({ body }: FastifyRequest): unknown => (body === undefined ? {} : body)

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
    sentence: ({ person = 'Somebody new' }) => `${nameOf(person)} walked up to the door.`,
    act: ({ scene }, { person }) => void scene.arrive(person ?? `stranger-${randomInt(1e6)}`),
  })
  add('leave', {
    schema: z.strictObject({ person: z.optional(personSchema) }),
    sentence: ({ person }, { scene }) => leaving(person, scene.standing()),
    act: ({ scene }, { person }) => void scene.leave(person),
  })
  add(
    'bell',
    button('Somebody pressed the bell.', ({ lines }) => lines.bell()),
  )
  add('press', {
    schema: z.strictObject({ code: codeSchema }),
    sentence: () => 'Somebody typed a code.',
    act: async (home, { code }) => {
      const answer = await home.press(code)
      return answer ? { answer } : problems.noKeypad
    },
  })
}

/** Nothing is told of a person who is not there. */
function leaving(person: string | undefined, standing: readonly string[]): string | null {
  if (standing.length === 0 || (person !== undefined && !standing.includes(person))) return null
  return `${person === undefined ? 'Whoever was there' : nameOf(person)} walked away.`
}

function addDoor(add: Add): void {
  add(
    'exit-button',
    button('Somebody inside pressed the exit button.', ({ lines }) => lines.exit()),
  )
  add('contact', {
    schema: z.strictObject({ open: z.boolean() }),
    sentence: ({ open }, { lines }) => pushed(open, lines.lockState() === 'closed'),
    act: ({ lines }, { open }) => void lines.contact(open),
  })
  add('unlock', {
    schema: nothing,
    sentence: () => null,
    act: async (home) => {
      const answer = await home.unlock()
      home.note(answer?.ok ? 'The owner asked the door to open.' : unheardUnlock)
      return answer?.ok ? undefined : problems.unheard
    },
  })
}

function addWatching(add: Add): void {
  add('watch', {
    schema: z.strictObject({ forMs: z.optional(watchedMs) }),
    // The door's own log tells that it is looked through.
    sentence: () => null,
    act: async (home, { forMs = longestWatchMs }) =>
      (await home.watch(forMs))?.ok ? undefined : problems.unheard,
  })
}

const watchedMs = z.int().check(z.minimum(0), z.maximum(longestWatchMs))

const unheardUnlock = 'The owner asked the door to open, but it could not be reached.'

function pushed(open: boolean, isLocked: boolean): string {
  if (!open) return 'Somebody pushed the door shut.'
  return isLocked ? 'Somebody forced the locked door open.' : 'Somebody pushed the door open.'
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
    sentence: (wish) => clockSentence(wish),
    act: (home, wish) => moveClock(home, wish),
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

interface ClockWish {
  readonly jumpSeconds: number
  readonly whose?: 'everybody' | 'door' | undefined
}

/** Time can be skipped for everybody, but it cannot run backwards: only a single clock can be set so. */
const isDoors = ({ jumpSeconds, whose }: ClockWish) =>
  (whose ?? (jumpSeconds < 0 ? 'door' : '')) === 'door'

function clockSentence(wish: ClockWish): string {
  const seconds = Math.abs(wish.jumpSeconds)
  if (!isDoors(wish)) return `You let ${seconds} s pass.`
  return `You set the door’s clock ${wish.jumpSeconds < 0 ? 'back' : 'forward'} by ${seconds} s.`
}

async function moveClock(home: Home, wish: ClockWish): Promise<Outcome> {
  if (isDoors(wish)) return void (await home.troubles.moveDoorClock(wish.jumpSeconds * 1_000))
  if (wish.jumpSeconds < 0) return problems.backwards
  if (wish.jumpSeconds > oneWeekSeconds) return problems.tooFar
  return void (await home.pass(wish.jumpSeconds * 1_000))
}

const problems = {
  noKeypad: {
    problem: 'no-keypad',
    sentence: 'The code was not judged, because the door is not running or cannot write it down.',
  },
  unheard: {
    problem: 'no-answer',
    sentence: 'Nothing was done, because the door could not be reached.',
  },
  backwards: {
    problem: 'backwards',
    sentence: 'Time does not run backwards for everybody; the door’s own clock can be set back.',
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
