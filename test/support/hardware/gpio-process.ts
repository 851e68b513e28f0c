/**
 * The lock and the sensors on pins, in a process of its own that can be stopped and killed. It reads
 * orders as JSON from its input, and prints readings as JSON.
 */
import { createInterface } from 'node:readline'
import * as z from 'zod/mini'
import { onoffPins } from '../../../device/gpio/drivers/onoff.ts'
import { gpioLock } from '../../../device/gpio/lock.ts'
import { headerLabels } from '../../../device/gpio/pins.ts'
import { gpioSensors } from '../../../device/gpio/sensors.ts'
import { systemClock } from '../../../device/host/clock.ts'

const setupSchema = z.object({
  activeLow: z.boolean(),
  lockType: z.enum(['strike', 'maglock', 'motor']),
  pulseMs: z.int(),
  maxOnMs: z.int(),
})
export type GpioSetup = z.infer<typeof setupSchema>

const orderSchema = z.union([z.object({ open: z.int() }), z.object({ close: z.literal(true) })])

const say = (data: object) => process.stdout.write(`${JSON.stringify(data)}\n`)
const clock = systemClock({ source: 'host' })
const logged = (level: string) => (data: object, text: string) => void say({ level, text, ...data })
const log = { info: logged('info'), warn: logged('warn'), error: logged('error') }

const { activeLow, ...rules } = z.parse(setupSchema, JSON.parse(process.argv[2] ?? '{}'))
const pins = await onoffPins({
  clock,
  log,
  labels: headerLabels,
  noteOutput: (name, guardArgs) => say({ note: name, words: guardArgs }),
})
if (typeof pins === 'string') throw new Error(pins)

const input = (bcm: number, name: string, debounceMs: number) => ({
  line: pins.input({ bcm, pull: 'up', debounceMs }, name),
  invert: false,
})
const relay = pins.output({ bcm: 17, activeLow, guarded: true }, 'relay')
const lock = gpioLock(relay, rules, clock)
gpioSensors({
  bondSense: null,
  contact: input(22, 'door contact', 60),
  exitButton: input(23, 'exit button', 20),
  bell: null,
}).start((reading) => say({ reading }))

const reportWhenReachable = () => {
  if (!lock.reachable()) return void clock.after(5, reportWhenReachable)
  say({ reachable: true, pins: pins.description })
}
reportWhenReachable()

const orders = createInterface(process.stdin)
orders.on('line', (line) => {
  const order = z.parse(orderSchema, JSON.parse(line))
  try {
    if ('open' in order) lock.open(order.open)
    else lock.close()
  } catch (fault) {
    say({ fault: String(fault) })
  }
})
orders.on('close', () => void relay.close().then(() => process.exit(0)))
