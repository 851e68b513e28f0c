/**
 * Runs the real daemon with simulated hardware inside another network. Commands arrive as JSON lines
 * on the standard input, answers leave on the standard output.
 */
import { createInterface } from 'node:readline'
import * as z from 'zod/mini'
import { runDoor } from '../../../support/door/running-door.ts'

const orderSchema = z.discriminatedUnion('do', [
  z.strictObject({ n: z.int(), do: z.literal('enter'), code: z.string() }),
  z.strictObject({ n: z.int(), do: z.literal('exit') }),
  z.strictObject({ n: z.int(), do: z.literal('stop') }),
])

const config = z.parse(z.record(z.string(), z.unknown()), JSON.parse(process.argv[2] ?? '{}'))
const door = await runDoor({ config })
const say = (value: object) => process.stdout.write(`${JSON.stringify(value)}\n`)
say({
  ready: {
    databasePath: door.databasePath,
    doorKey: door.doorKey.toString('hex'),
    pid: door.pid(),
  },
})

async function obey(line: string): Promise<void> {
  const order = z.parse(orderSchema, JSON.parse(line))
  if (order.do === 'enter') {
    const { outcome } = await door.enter(order.code)
    say({ n: order.n, outcome })
  } else if (order.do === 'exit') {
    door.home.exit()
    say({ n: order.n })
  } else {
    const code = await door.end('SIGTERM')
    await door.close()
    say({ n: order.n, outcome: String(code) })
    process.exit(0)
  }
}

const orders = createInterface({ input: process.stdin })
orders.on('line', (line) => {
  obey(line).catch((error: unknown) => {
    process.stderr.write(`${String(error)}\n`)
    process.exit(1)
  })
})
// Also when the parent process died.
orders.on('close', () => void door.close().then(() => process.exit(0)))
