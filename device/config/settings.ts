/**
 * The settings: every key of the config file with its meaning, unit, default and limits. This
 * schema is also the manual that `smart-door config show` prints. `config.ts` reads the file.
 */
import { isIP } from 'node:net'
import * as z from 'zod/mini'
import { modeHoursSchema } from '../../protocol/messages/cloud.ts'
import { doorIdSchema, languageSchema, timeZoneSchema } from '../../protocol/messages/shared.ts'

// ---------------------------------------------------------------- kinds of settings

const integer = (min: number, max: number, description: string) =>
  z.int().check(z.minimum(min), z.maximum(max), z.describe(description))

const count = (min: number, max: number, fallback: number, description: string) =>
  z._default(integer(min, max, description), fallback)

const ms = (min: number, max: number, fallback: number, description: string) =>
  count(min, max, fallback, `${description} In milliseconds.`)

const port = (description: string) => integer(0, 65_535, description)

const flag = (fallback: boolean, description: string) =>
  z._default(z.boolean().check(z.describe(description)), fallback)

const name = z.string().check(z.minLength(1), z.maxLength(200))

const text = (description: string) => name.check(z.describe(description))

/** A relative path would start at the daemon's own working folder, which is the root. */
const absolutePath = (description: string) =>
  text(description).check(
    z.refine((path) => path === '' || path.startsWith('/'), {
      error: 'must be an absolute path, which begins with "/".',
    }),
  )

const pattern = (form: RegExp) => z.string().check(z.regex(form))

/** The first value is the default. */
const choice = <const First extends string, const Others extends readonly string[]>(
  [first, ...others]: readonly [First, ...Others],
  description: string,
) => z._default(z.enum([first, ...others]).check(z.describe(description)), first)

const nullable = <S extends z.ZodMiniType>(schema: S, description: string) =>
  z._default(z.nullable(schema).check(z.describe(description)), null)

const list = <S extends z.ZodMiniType>(item: S, description: string) =>
  z._default(z.array(item).check(z.maxLength(100), z.describe(description)), [])

// A section whose settings all have defaults may be left out of the file: `z.prefault(section, {})`.
const section = z.strictObject

/** Checked even where another setting of the section is wrong, so that one run reports both. */
const less = (key: string, limit: string) =>
  z.refine(
    (found: unknown) => {
      const values = z.safeParse(z.record(z.string(), z.unknown()), found).data ?? {}
      const [a, b] = [values[key], values[limit]]
      return typeof a !== 'number' || typeof b !== 'number' || a < b
    },
    { error: `must be less than lock.${limit}.`, path: [key], when: () => true },
  )

// ---------------------------------------------------------------- pins

const bcm = z.int().check(z.minimum(0), z.maximum(27))

const optionalPin = (device: string) =>
  nullable(bcm, `BCM number of the ${device}; null: not wired.`)

const inputShape = (device: string, invertMeans: string) => ({
  bcm: optionalPin(device),
  invert: flag(false, invertMeans),
  pull: choice(['up', 'down', 'none'], 'Resistor of the pin; onoff needs it in config.txt too.'),
  debounceMs: ms(0, 500, 30, 'How long a level must last to count.'),
})

const input = (device: string, invertMeans: string) =>
  z.prefault(section(inputShape(device, invertMeans)), {})

const output = (device: string) =>
  z.prefault(
    section({
      bcm: optionalPin(device),
      activeLow: flag(false, `Whether a low voltage switches the ${device} on.`),
    }),
    {},
  )

const clockTime = (fallback: string, description: string) =>
  z._default(pattern(/^([01]\d|2[0-3]):[0-5]\d$/).check(z.describe(description)), fallback)

const relay = section({
  bcm: z._default(bcm.check(z.describe('BCM number of the relay.')), 17),
  activeLow: flag(false, 'Whether a low voltage switches the relay on.'),
  lockType: choice(
    ['strike', 'maglock', 'motor'],
    'strike: power unlocks it. maglock: power locks it. motor: a short pulse unlocks it.',
  ),
  pulseMs: ms(500, 30_000, 1_000, 'Length of the pulse for a motor lock.'),
  maxOnMs: ms(1_000, 120_000, 30_000, 'How long the coil of a strike may be on without a rest.'),
})

const exitButton = section({
  ...inputShape('exit button', 'Whether its circuit is open while it is pressed.'),
  unlocks: flag(true, 'Whether it unlocks. false: the handle does; a press prevents the alarm.'),
})

const quietHours = section({
  from: clockTime('22:00', "From when the buzzer is silent, in this computer's time zone."),
  to: clockTime('07:00', 'Until when. Equal to from: never silent.'),
})

const gpio = section({
  driver: choice(
    ['auto', 'onoff', 'gpiod'],
    'What drives the pins. auto: onoff where the kernel supports it and config.txt sets the resistors, else gpiod.',
  ),
  chipLabel: nullable(name, "Label of the GPIO chip; null: the Raspberry Pi's header."),
  relay: z.prefault(relay, {}),
  doorContact: input('door contact', 'Whether its circuit is open while the door is closed.'),
  bondSense: input('bond sensor of the lock', 'Whether its circuit is open while the lock holds.'),
  exitButton: z.prefault(exitButton, {}),
  bell: input('bell button', 'Whether its circuit is open while it is pressed.'),
  buzzer: output('buzzer'),
  led: output('light'),
  quietHours: z.prefault(quietHours, {}),
})

// ---------------------------------------------------------------- cloud

const host = (description: string) =>
  nullable(pattern(/^[A-Za-z0-9.-]{1,253}$/), `${description} "provision" prints it.`)

const iot = section({
  endpoint: host('Host name of AWS IoT for this account.'),
  port: z._default(port('8883, or 443 where a network allows nothing else.'), 8883),
  credentialsEndpoint: host('Host name of the IoT credentials provider, for snapshots and video.'),
  credentialsPort: z._default(port('Port of the IoT credentials provider; AWS: 443.'), 443),
  roleAlias: z._default(text('Role alias of the deployment.'), 'smart-door'),
  identityDir: z._default(
    absolutePath('Folder of certificate and private key, written by provision.'),
    '/var/lib/smart-door/identity',
  ),
  keepAliveSeconds: count(
    5,
    1_200,
    30,
    'Silence until the connection is checked; AWS: 30 or more.',
  ),
  paced: flag(true, 'Whether to send at most 100 messages a second, as AWS demands.'),
  authorityFile: nullable(name, "Certificate authority of the broker; null: the system's."),
})

const uploads = section({
  region: nullable(
    pattern(/^[a-z]{2}(-[a-z]{2,12}){1,3}-\d$/),
    'AWS region of snapshots and video; null: nothing is sent.',
  ),
  bucket: nullable(
    pattern(/^[a-z0-9][a-z0-9.-]{1,61}[a-z0-9]$/),
    'S3 bucket for snapshots of visitors; null: none are sent.',
  ),
  endpoint: nullable(z.url(), 'Address of an AWS simulation; null: AWS.'),
})

// ---------------------------------------------------------------- camera

/** Nothing that a shell, or a program that takes an address, could take for something else. */
const cameraDevice =
  /^(\/dev\/(?!.*\.\.)[A-Za-z0-9/._:-]{1,180}|(rtsps?|https?):\/\/[A-Za-z0-9._~:/?@!&+,=%-]{1,300})$/

const camera = section({
  driver: choice(
    ['auto', 'none', 'simulated', 'ffmpeg', 'rpicam', 'webcam'],
    'ffmpeg: USB or network camera. rpicam: camera module. webcam: USB snapshots by fswebcam. auto: simulated with simulated hardware, else none.',
  ),
  device: z._default(
    z.string().check(
      z.refine((device) => cameraDevice.test(device), {
        error:
          'must be a path below /dev, such as /dev/video0, or an address, such as rtsp://10.0.0.9/front. In a password, write other characters than letters and digits in the form %21.',
      }),
      z.describe('Path below /dev or, for ffmpeg, an address: rtsp, rtsps, http or https.'),
    ),
    '/dev/video0',
  ),
  widthPx: count(160, 1_920, 1_280, 'Width of a frame.'),
  heightPx: count(120, 1_080, 720, 'Height of a frame.'),
  framesPerSecond: count(1, 15, 10, 'Frames per second, at most.'),
})

const percent = z.number().check(z.minimum(0), z.maximum(100))

const motion = section({
  sensitivity: count(1, 10, 5, '1 notices only large, clear motion; 10 a cat at dusk.'),
  zones: z._default(
    z
      .array(z.strictObject({ left: percent, top: percent, width: percent, height: percent }))
      .check(z.maxLength(16), z.describe('Parts of the frame that count, in percent; []: all.')),
    [],
  ),
  minimumMs: ms(0, 5_000, 200, 'How long motion must last to start a visit.'),
})

const recording = section({
  stream: flag(false, 'Whether visits are recorded and sent to Kinesis Video as they happen.'),
})

const visit = section({
  leftAfterMs: ms(1_000, 600_000, 30_000, 'How long no motion must last to end a visit.'),
})

const retention = section({
  logDays: count(7, 3_650, 180, 'After how many days events are deleted from the log of the door.'),
  namesDays: count(
    1,
    3_650,
    30,
    'So many days after the last code of a visitor their name is deleted from the door.',
  ),
})

// ---------------------------------------------------------------- page, lock

const origin = (example: string) =>
  z.url().check(
    // Anything else than an origin would become part of the page's security policy, or of a QR code.
    z.refine((address) => [address, undefined].includes(URL.parse(address)?.origin), {
      error: `must be a web address without a path, such as ${example}.`,
    }),
  )

const keypad = section({
  host: z._default(text('Address of the keypad page, of this computer alone.'), '127.0.0.1'),
  port: z._default(port('Port of the keypad page.'), 4100),
  allowedHosts: list(text('A host name'), 'Further host names of the keypad page.'),
  embeddedBy: list(origin('http://127.0.0.1:4000'), 'Pages that may show the keypad in a frame.'),
  pagesOrigin: nullable(
    origin('https://door.example'),
    'Web address of the cloud, for the QR code with which visitors without a number ring; null: no QR code. "provision" prints it.',
  ),
  shuffle: flag(false, 'Whether the digits change places with each visitor.'),
  longPress: flag(false, 'Whether a digit counts once it was held for half a second: for tremor.'),
  speech: flag(false, 'Whether the page says its sentences aloud, where the browser has a voice.'),
})

const address = z
  .string()
  .check(z.refine((text) => isIP(text) !== 0, { error: 'must be an IP address, such as 0.0.0.0.' }))

const tablets = section({
  host: nullable(
    address,
    'Address at which paired tablets reach the keypad page; 0.0.0.0: every one; null: none.',
  ),
  port: z._default(port('Port for tablets.'), 4143),
  names: list(
    pattern(/^([A-Za-z0-9-]{1,63}(\.[A-Za-z0-9-]{1,63})*|[0-9A-Fa-f:]+)$/).check(z.maxLength(253)),
    'Names or addresses by which tablets reach this computer; []: its host name.',
  ),
})

const lock = section({
  mode: choice(
    ['normal', 'locked', 'passage'],
    'locked: no code and no remote command unlocks. passage: always unlocked, only with a maglock.',
  ),
  modeHours: list(
    modeHoursSchema,
    'Hours of the week for a mode, as long as the cloud sends no settings and no mode was set.',
  ),
  unlockHoldMs: ms(500, 30_000, 5_000, 'How long a code unlocks the door.'),
  exitHoldMs: ms(500, 30_000, 5_000, 'How long the exit button unlocks the door.'),
  openingGraceMs: ms(0, 10_000, 2_000, 'How long after locking an opening door is no alarm.'),
  heldOpenAfterMs: ms(5_000, 3_600_000, 60_000, 'When a door left open is reported.'),
  relockOnOpen: flag(true, 'Whether the lock closes as soon as the door has opened.'),
  extendedHoldMs: ms(500, 60_000, 15_000, 'How long a code unlocks for visitors in extendedFor.'),
  extendedFor: list(pattern(/^[0-9a-f]{32}$/), 'Ids of visitors who need more time.'),
}).check(less('unlockHoldMs', 'heldOpenAfterMs'), less('exitHoldMs', 'heldOpenAfterMs'))

// ---------------------------------------------------------------- the whole file

export const configSchema = z
  .strictObject({
    doorId: z.string().check(
      z.refine((id) => z.safeParse(doorIdSchema, id).success, {
        error: 'must be 1 to 64 letters, digits, "_" or "-".',
      }),
      z.describe("The door's name in messages and topics; never changes."),
    ),
    doorName: text('Name of the door for people.'),
    dataDir: absolutePath('Folder of the database. Only the daemon may read it.'),
    doorKeyFile: z.optional(
      absolutePath('File with the 32 secret bytes of this door in hex; not needed with systemd.'),
    ),
    language: z._default(
      languageSchema.check(z.describe('Language of the keypad until a visitor chooses another.')),
      'en',
    ),
    timeZone: z._default(
      timeZoneSchema.check(z.describe('Time zone of the door, such as Europe/Berlin.')),
      'UTC',
    ),
    hardware: z
      .enum(['simulated', 'gpio'])
      .check(z.describe('What drives the lock: pins of this computer (gpio), or a simulation.')),
    link: z
      .enum(['none', 'simulated', 'iot'])
      .check(z.describe('How the door reaches its cloud: not at all, a simulation, or AWS IoT.')),
    clock: z
      .enum(['ntp', 'host'])
      .check(
        z.describe(
          'ntp: trust the time that systemd-timesyncd has set, unless there is a cloud to ask. host: this computer has a clock with a battery.',
        ),
      ),
    simulator: z.optional(
      z.strictObject({
        hardwarePort: port('Port of the simulated lock and sensors.'),
        linkPort: port('Port of the simulated cloud.'),
        secret: z.optional(text('First word on each connection to the simulation.')),
        longestWaitMs: z.optional(
          integer(0, 30_000, 'Longest wait after a wrong code with a simulated lock.'),
        ),
        awsKeys: z.optional(
          z.strictObject({
            accessKeyId: text('Access key of the simulated AWS.'),
            secretAccessKey: text('Its secret; of no use anywhere else.'),
          }),
        ),
      }),
    ),
    iot: z.prefault(iot, {}),
    keypad: z.prefault(keypad, {}),
    tablets: z.prefault(tablets, {}),
    lock: z.prefault(lock, {}),
    gpio: z.prefault(gpio, {}),
    camera: z.prefault(camera, {}),
    motion: z.prefault(motion, {}),
    uploads: z.prefault(uploads, {}),
    recording: z.prefault(recording, {}),
    visit: z.prefault(visit, {}),
    retention: z.prefault(retention, {}),
    logLevel: choice(['info', 'debug', 'warn', 'error'], 'Least important log level.'),
  })
  .check(
    z.refine((found: unknown) => !lacksSimulator(found), {
      error: 'is missing: simulated hardware or link needs its ports.',
      path: ['simulator'],
      when: () => true,
    }),
  )
export type Config = z.infer<typeof configSchema>

/** Every setting of a new door on a Raspberry Pi. */
export const exampleConfig = (): Config =>
  z.parse(configSchema, {
    doorId: 'maple-street_front',
    doorName: 'Front door',
    dataDir: '/var/lib/smart-door',
    doorKeyFile: '/etc/smart-door/door-key',
    hardware: 'gpio',
    link: 'none',
    clock: 'ntp',
  })

function lacksSimulator(found: unknown): boolean {
  const values = z.safeParse(z.record(z.string(), z.unknown()), found).data ?? {}
  return (
    values['simulator'] === undefined &&
    (values['hardware'] === 'simulated' || values['link'] === 'simulated')
  )
}

// ---------------------------------------------------------------- the manual

const limit = z.optional(z.number())
const nodeSchema = z.object({
  description: z.optional(z.string()),
  default: z.optional(z.unknown()),
  enum: z.optional(z.array(z.unknown())),
  minimum: limit,
  maximum: limit,
  properties: z.optional(z.record(z.string(), z.unknown())),
})

export interface Setting extends Omit<z.infer<typeof nodeSchema>, 'properties'> {
  /** As in `lock.unlockHoldMs`. */
  readonly path: readonly string[]
}

/** Every setting in the order of the schema. */
export function allSettings(): Setting[] {
  return settingsBelow(z.toJSONSchema(configSchema, { io: 'input' }), [])
}

function settingsBelow(node: unknown, path: readonly string[]): Setting[] {
  const { properties, ...setting } = nodeSchema.parse(node)
  if (!properties) return [{ ...setting, path }]
  return Object.entries(properties).flatMap(([key, below]) => settingsBelow(below, [...path, key]))
}
