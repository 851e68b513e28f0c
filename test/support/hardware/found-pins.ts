/** Prints which driver the daemon takes for its pins. */
import * as z from 'zod/mini'
import { configSchema, exampleConfig } from '../../../device/config/settings.ts'
import { systemClock } from '../../../device/host/clock.ts'
import { findPins } from '../../../device/wiring/hardware.ts'

const [, , words = ''] = process.argv
const askedSchema = z.object({ settings: z.looseObject({}), firmware: z.nullable(z.string()) })
const { settings, firmware } = z.parse(askedSchema, JSON.parse(words))
const { gpio } = z.parse(configSchema, { ...exampleConfig(), gpio: settings })
const log = { info() {}, warn() {}, error() {} }
const pins = await findPins(gpio, {
  ...{ clock: systemClock({ source: 'host' }), log, runtimeFolder: undefined, firmware },
})
process.stdout.write(`${pins.description}\n`)
