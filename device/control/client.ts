/** Asks the running daemon for something. */
import { once } from 'node:events'
import { connect } from 'node:net'
import { text } from 'node:stream/consumers'
import { type ControlRequest, controlLimits, controlPath } from './messages.ts'

/** The daemon cannot be asked. */
export class Unanswered extends Error {
  override readonly name = 'Unanswered'
}

export async function askDaemon(runtimeFolder: string, request: ControlRequest): Promise<unknown> {
  const socket = connect(controlPath(runtimeFolder))
  socket.setTimeout(controlLimits.answerWithinMs, () => socket.destroy(new Error('no answer')))
  try {
    await once(socket, 'connect')
    socket.write(`${JSON.stringify(request)}\n`)
    return JSON.parse(await text(socket))
  } catch (error) {
    const isForRoot = error instanceof Error && 'code' in error && error.code === 'EACCES'
    const sentence = isForRoot
      ? 'Only root may ask the daemon for this. Try it with sudo.'
      : 'The daemon does not answer. See: sudo smart-door doctor'
    throw new Unanswered(sentence, { cause: error })
  } finally {
    socket.destroy()
  }
}
