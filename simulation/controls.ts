/** Everything that a person can do on the control room's page, or a script over HTTP. */
import type { FastifyInstance, FastifyReply } from 'fastify'
import * as z from 'zod/mini'
import type { KeypadProblem } from '../protocol/keypad-api.ts'
import { type GrantRefusal, languageSchema } from '../protocol/messages.ts'
import type { DoorProcess } from './door-process.ts'
import type { SimulatedHome } from './simulated-home.ts'
import { NoTextSent } from './stand-in-cloud.ts'

export interface ControlledThings {
  readonly home: SimulatedHome
  readonly door: Pick<DoorProcess, 'powerCut'>
  /** Hears what was done before its consequences. */
  readonly note: (sentence: string) => void
}

interface Control<Wish> {
  readonly schema: z.ZodMiniType<Wish>
  readonly sentence: (wish: Wish) => string
  /** Returns a problem if it can't be done now. */
  readonly act: (wish: Wish) => undefined | KeypadProblem | Promise<undefined | KeypadProblem>
}

const nothing = z.strictObject({})

/** A control that takes nothing and always works. */
const button = (sentence: string, press: () => void): Control<Record<string, never>> => ({
  schema: nothing,
  sentence: () => sentence,
  act: () => void press(),
})

export function addControls(app: FastifyInstance, { home, door, note }: ControlledThings): void {
  const add = <Wish>(path: string, control: Control<Wish>) => {
    app.post(`/api/${path}`, async (request, reply) => {
      const wish = z.safeParse(control.schema, request.body)
      if (!wish.success) return refuse(reply, 400, notUnderstood(wish.error))
      note(control.sentence(wish.data))
      const problem = await control.act(wish.data)
      return problem ? refuse(reply, 409, problem) : reply.code(204).send()
    })
  }

  add('arrive', button('Somebody walked up to the door.', home.arrive))
  add('leave', button('Whoever was there walked away.', home.leave))
  add('bell', button('Somebody pressed the bell.', home.bell))
  add('exit-button', button('Somebody inside pressed the exit button.', home.exit))
  add('power-cut', button('You cut the power for a moment.', door.powerCut))
  add(
    'unlock',
    button('The owner asked the door to open.', () => void home.cloud.unlock()),
  )
  add('contact', {
    schema: z.strictObject({ open: z.boolean() }),
    sentence: ({ open }) => `Somebody pushed the door ${open ? 'open' : 'shut'}.`,
    act: ({ open }) => void home.contact(open),
  })
  add('network', {
    schema: z.strictObject({ up: z.boolean() }),
    sentence: ({ up }) => (up ? 'You restored the network.' : 'You cut the network.'),
    act: ({ up }) => void home.network(up),
  })
  add('allow', {
    schema: z.strictObject({
      name: z.string().check(z.trim(), z.minLength(1), z.maxLength(60)),
      language: languageSchema,
    }),
    sentence: ({ name }) => `The owner allowed ${name}.`,
    act: ({ name, language }) => allow(home, { visitorName: name, language }),
  })
  add('deny', {
    schema: nothing,
    sentence: () => 'The owner said no.',
    act: () => deny(home),
  })
}

type Wish = Parameters<SimulatedHome['cloud']['grantCode']>[0]

async function allow({ cloud }: SimulatedHome, wish: Wish): Promise<undefined | KeypadProblem> {
  try {
    await cloud.grantCode(wish)
    return undefined
  } catch (fault) {
    if (!(fault instanceof NoTextSent)) throw fault
    const because = noTextBecause[fault.reason]
    return { problem: fault.reason, sentence: `No text was sent, because ${because}.` }
  }
}

function deny({ cloud }: SimulatedHome): undefined | KeypadProblem {
  if (!cloud.visit) return { problem: 'nobody-there', sentence: 'Nobody is at the door.' }
  cloud.send({ type: 'visit-status', visitId: cloud.visit.visitId, status: 'denied' })
  return undefined
}

const noTextBecause: Record<GrantRefusal | 'no-answer', string> = {
  'no-answer': 'the door could not be reached within 10 seconds',
  'clock-unknown': 'the door does not know the time yet',
  expired: 'the code would have expired on its way to the door',
  'validity-too-long': 'the code would have been valid for too long',
  'code-in-use': 'the door holds the same code for somebody else',
  'visitor-removed': 'this visitor has been deleted',
  'already-closed': 'the door knows this permission as used',
  'differs-from-stored': 'the door holds a different permission under the same name',
}

const notUnderstood = ({ issues: [issue] }: z.core.$ZodError): KeypadProblem => {
  const field = issue?.path.join('.') || 'the request'
  return { problem: 'not-understood', sentence: `This is not understood: ${field}.` }
}

const refuse = (reply: FastifyReply, status: number, problem: KeypadProblem): FastifyReply =>
  reply.code(status).send(problem)
