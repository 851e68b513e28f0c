/** Creates the hardware that the config file asks for. */
import { writeFileSync } from 'node:fs'
import { join } from 'node:path'
import type { KeypadState } from '../../protocol/keypad-api.ts'
import type { Config } from '../config/settings.ts'
import { bootLine, minuteOfDay, needsPull } from '../core/lock/hardware.ts'
import type { Camera, Clock, DoorSensors, Lock, Log } from '../daemon/ports.ts'
import { firmwareConfig, missingLines } from '../gpio/firmware.ts'
import { gpioLock } from '../gpio/lock.ts'
import {
  type GpioContext,
  type GpioPins,
  headerLabels,
  type OutputLine,
  PinUnavailable,
} from '../gpio/pins.ts'
import { gpioSensors, type WiredInput } from '../gpio/sensors.ts'
import { createSignals } from '../gpio/signals.ts'
import {
  connectHardware,
  simulatedCamera,
  simulatedLock,
  simulatedSensors,
} from '../simulated/hardware.ts'

interface Hardware {
  readonly lock: Lock
  readonly sensors: DoorSensors
  /** Null: visits start with the bell or the keypad. */
  readonly camera: Camera | null
  /** Updates the light and the buzzer beside the keypad. */
  show(view: KeypadState): void
  close(): Promise<void>
}

interface WiringDeps {
  readonly clock: Clock
  readonly log: Log
  /** Where `systemd/relock` finds how to switch the relay off. */
  readonly runtimeFolder: string | undefined
  /** The Pi's config.txt. */
  readonly firmware?: string | null
}

export const wireHardware = (config: Config, deps: WiringDeps): Promise<Hardware> =>
  config.hardware === 'gpio' ? wirePins(config, deps) : Promise.resolve(wireSimulation(config))

function wireSimulation({ simulator }: Config): Hardware {
  const { hardwarePort = 0, secret } = simulator ?? {}
  const hardware = connectHardware({ port: hardwarePort, secret })
  return {
    lock: simulatedLock(hardware),
    sensors: simulatedSensors(hardware),
    camera: simulatedCamera(hardware),
    show() {},
    close: () => hardware.close(),
  }
}

// ---------------------------------------------------------------- pins

async function wirePins({ gpio }: Config, deps: WiringDeps): Promise<Hardware> {
  const { clock, log } = deps
  const pins = await findPins(gpio, deps)
  log.info({ pins: pins.description }, 'pins found')
  const relay = pins.output({ ...gpio.relay, guarded: true }, 'relay')
  const light = optionalOutput(pins, gpio.led, 'light')
  const buzzer = optionalOutput(pins, gpio.buzzer, 'buzzer')
  const { from, to } = gpio.quietHours
  const quiet = { fromMinute: minuteOfDay(from), toMinute: minuteOfDay(to) }
  const signals = createSignals({ light, buzzer, quiet, clock })
  return {
    lock: gpioLock(relay, gpio.relay, clock),
    sensors: gpioSensors({
      contact: optionalInput(pins, gpio.doorContact, 'door contact'),
      bondSense: optionalInput(pins, gpio.bondSense, 'bond sensor'),
      exitButton: optionalInput(pins, gpio.exitButton, 'exit button'),
      bell: optionalInput(pins, gpio.bell, 'bell button'),
    }),
    camera: null,
    show: (view) => signals.show(view),
    async close() {
      signals.stop()
      await Promise.all([relay, light, buzzer].map((line) => line?.close()))
    },
  }
}

type GpioConfig = Config['gpio']

/** Loads only the drivers that the config file allows. */
export async function findPins(gpio: GpioConfig, deps: WiringDeps): Promise<GpioPins> {
  const labels = gpio.chipLabel === null ? headerLabels : [gpio.chipLabel]
  const context = { ...deps, labels, noteOutput: noteIn(deps.runtimeFolder) }
  const { firmware = firmwareConfig() } = deps
  const reasons: string[] = []
  for (const driver of driversFor(gpio, firmware)) {
    const pins = await drivers[driver](context)
    if (typeof pins !== 'string') return pins
    reasons.push(pins)
  }
  throw new PinUnavailable(`No pins can be driven here. ${reasons.join(' ')}`)
}

const drivers = {
  onoff: async (context: GpioContext) =>
    (await import('../gpio/drivers/onoff.ts')).onoffPins(context),
  gpiod: async (context: GpioContext) =>
    (await import('../gpio/drivers/gpiod.ts')).gpiodPins(context),
}

/** onoff cannot set a pull: without one a door contact to GND would read closed for ever. */
const driversFor = (gpio: GpioConfig, firmware: string | null): (keyof typeof drivers)[] => {
  if (gpio.driver !== 'auto') return [gpio.driver]
  return unsetPulls(gpio, firmware).length > 0 ? ['gpiod', 'onoff'] : ['onoff', 'gpiod']
}

/** The lines of config.txt that are missing for inputs that would read a wrong level. */
export function unsetPulls(gpio: GpioConfig, firmware: string | null): readonly string[] {
  const { doorContact, bondSense, exitButton, bell } = gpio
  const wanted = [doorContact, bondSense, exitButton, bell].flatMap(({ bcm, pull }) =>
    bcm !== null && needsPull(bcm, pull) ? [bootLine.input(bcm, pull)] : [],
  )
  return missingLines(firmware, wanted)
}

const noteIn =
  (folder: string | undefined) =>
  (name: string, guardArgs: readonly string[]): void => {
    if (folder) writeFileSync(join(folder, name), `${guardArgs.join(' ')}\n`)
  }

function optionalOutput(pins: GpioPins, pin: GpioConfig['led'], name: string): OutputLine | null {
  const { bcm, activeLow } = pin
  return bcm === null ? null : pins.output({ bcm, activeLow, guarded: false }, name)
}

function optionalInput(pins: GpioPins, input: GpioConfig['bell'], name: string): WiredInput | null {
  const { bcm, invert, pull, debounceMs } = input
  return bcm === null ? null : { line: pins.input({ bcm, pull, debounceMs }, name), invert }
}
