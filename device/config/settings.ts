/**
 * The manual of the settings: every key of the config file with what it means, its unit, its default
 * and its bounds. It reads nothing; `config.ts` does, and tells every mistake.
 */
import * as z from 'zod/mini'
import { doorIdSchema, languageSchema } from '../../protocol/messages/shared.ts'

// ---------------------------------------------------------------- kinds of settings

const ms = (min: number, max: number, fallback: number, description: string) =>
  z._default(
    z.int().check(z.minimum(min), z.maximum(max), z.describe(`${description} In milliseconds.`)),
    fallback,
  )

const port = (description: string) =>
  z.int().check(z.minimum(0), z.maximum(65_535), z.describe(description))

const text = (description: string) =>
  z.string().check(z.minLength(1), z.maxLength(200), z.describe(description))

/** The daemon's own folder is the root of everything, so half a path would lead anywhere. */
const fullPath = (description: string) =>
  text(description).check(
    z.refine((path) => path === '' || path.startsWith('/'), {
      error: 'must be a whole path, which begins with "/".',
    }),
  )

const section = <S extends z.core.$ZodShape>(shape: S) => z.strictObject(shape)

/** Compared even where something else in the same section is wrong: all is told at once. */
const compared = (fits: (a: number, b: number) => boolean, keys: [string, string], rule: string) =>
  z.refine(
    (found: unknown) => {
      const [a, b] = keys.map((key) => numberAt(found, key))
      return a === undefined || b === undefined || fits(a, b)
    },
    { error: rule, path: [keys[0]], when: () => true },
  )

function numberAt(found: unknown, key: string): number | undefined {
  const { success, data } = z.safeParse(z.record(z.string(), z.unknown()), found)
  const value = success ? data[key] : undefined
  return typeof value === 'number' ? value : undefined
}

// ---------------------------------------------------------------- the manual of the wiring

const flag = (fallback: boolean, description: string) =>
  z._default(z.boolean().check(z.describe(description)), fallback)

const bcm = z.int().check(z.minimum(0), z.maximum(27))

const optionalPin = (what: string) =>
  z._default(
    z.nullable(bcm).check(z.describe(`BCM number of the pin of the ${what}; null: none is wired.`)),
    null,
  )

const clockTime = (fallback: string, description: string) =>
  z._default(
    z.string().check(z.regex(/^([01]\d|2[0-3]):[0-5]\d$/), z.describe(description)),
    fallback,
  )

const inputShape = (what: string, invertMeans: string) => ({
  bcm: optionalPin(what),
  invert: flag(false, invertMeans),
  pull: z._default(
    z
      .enum(['up', 'down', 'none'])
      .check(z.describe('The resistor that holds the pin; onoff needs it in config.txt too.')),
    'up',
  ),
  debounceMs: ms(0, 500, 30, 'How long a level must last to count.'),
})

const inputSection = (what: string, invertMeans: string) =>
  z.prefault(section(inputShape(what, invertMeans)), {})

const signalSection = (what: string) =>
  z.prefault(
    section({
      bcm: optionalPin(what),
      activeLow: flag(false, `Whether a low voltage switches the ${what} on.`),
    }),
    {},
  )

const gpioSection = section({
  driver: z._default(
    z
      .enum(['auto', 'onoff', 'gpiod'])
      .check(z.describe('Who drives the pins. auto: onoff where the kernel lets it, else gpiod.')),
    'auto',
  ),
  chipLabel: z._default(
    z
      .nullable(z.string().check(z.minLength(1), z.maxLength(200)))
      .check(z.describe("Label of the chip that has the pins; null: a Raspberry Pi's header.")),
    null,
  ),
  relay: z.prefault(
    section({
      bcm: z._default(bcm.check(z.describe("BCM number of the relay's pin.")), 17),
      activeLow: flag(false, 'Whether a low voltage switches the relay on.'),
      lockType: z._default(
        z
          .enum(['strike', 'maglock', 'motor'])
          .check(
            z.describe(
              'strike: power opens it. maglock: power holds it. motor: a moment of power asks it to open.',
            ),
          ),
        'strike',
      ),
      pulseMs: ms(500, 30_000, 1_000, 'How long a motor lock is asked.'),
      maxOnMs: ms(
        1_000,
        120_000,
        30_000,
        'How long the coil of a strike may be on without a rest.',
      ),
    }),
    {},
  ),
  doorContact: inputSection(
    'door contact',
    'Whether its circuit is open while the door is closed.',
  ),
  bondSense: inputSection(
    'sensor by which a lock tells that it holds',
    'Whether its circuit is open while the lock holds.',
  ),
  exitButton: z.prefault(
    section({
      ...inputShape('exit button', 'Whether its circuit is open while it is pressed.'),
      unlocks: flag(
        true,
        'Whether it opens the lock. false: the handle does, and a press only means that nobody broke in.',
      ),
    }),
    {},
  ),
  bell: inputSection('bell button', 'Whether its circuit is open while it is pressed.'),
  buzzer: signalSection('buzzer'),
  led: signalSection('light'),
  quietHours: z.prefault(
    section({
      from: clockTime('22:00', "From when the buzzer is silent, by this computer's clock."),
      to: clockTime('07:00', 'Until when. The same time twice: it is never silent.'),
    }),
    {},
  ),
})

// ---------------------------------------------------------------- the manual of the line to AWS

const optionalHost = (description: string) =>
  z._default(
    z
      .nullable(z.string().check(z.regex(/^[A-Za-z0-9.-]{1,253}$/)))
      .check(z.describe(`${description} provision tells it.`)),
    null,
  )

const iotSection = section({
  endpoint: optionalHost('Host name of AWS IoT for this account;'),
  port: z._default(port('8883, or 443 where a network lets nothing else out.'), 8883),
  credentialsEndpoint: optionalHost(
    'Host name of the IoT credentials provider, for pictures and video;',
  ),
  roleAlias: z._default(text('Under which name the cloud hands out credentials.'), 'smart-door'),
  identityDir: z._default(
    fullPath("Folder of the door's certificate and key, kept by provision."),
    '/var/lib/smart-door/identity',
  ),
  keepAliveSeconds: z._default(
    z
      .int()
      .check(
        z.minimum(5),
        z.maximum(1_200),
        z.describe('How long the line may be silent until it is checked; AWS takes 30 and more.'),
      ),
    30,
  ),
  paced: flag(
    true,
    'Whether to say at most the 100 messages a second that AWS takes from a door. No: for a broker of your own.',
  ),
  authorityFile: z._default(
    z
      .nullable(z.string().check(z.minLength(1), z.maxLength(200)))
      .check(z.describe("Whom to believe that it is the cloud; null: the system's authorities.")),
    null,
  ),
})

// ---------------------------------------------------------------- the manual of what it sees

/** Nothing that a shell, or a program that is told an address, could take for something else. */
const cameraDevice =
  /^(\/dev\/(?!.*\.\.)[A-Za-z0-9/._:-]{1,180}|(rtsps?|https?):\/\/[A-Za-z0-9._~:/?@!&+,=%-]{1,300})$/

const cameraSection = section({
  driver: z._default(
    z
      .enum(['auto', 'none', 'simulated', 'ffmpeg', 'rpicam', 'webcam'])
      .check(
        z.describe(
          'ffmpeg: a USB or network camera. rpicam: a camera module. webcam: USB stills by fswebcam. auto: simulated beside simulated hardware, else none.',
        ),
      ),
    'auto',
  ),
  device: z._default(
    z.string().check(
      z.refine((device) => cameraDevice.test(device), {
        error:
          'must be a path below /dev, such as /dev/video0, or an address, such as rtsp://10.0.0.9/front. What is no letter or digit in a password is written as %21.',
      }),
      z.describe('A path below /dev, or for ffmpeg an address: rtsp, rtsps, http or https.'),
    ),
    '/dev/video0',
  ),
  widthPx: z._default(
    z.int().check(z.minimum(160), z.maximum(1_920), z.describe('Width of a picture.')),
    1_280,
  ),
  heightPx: z._default(
    z.int().check(z.minimum(120), z.maximum(1_080), z.describe('Height of a picture.')),
    720,
  ),
  framesPerSecond: z._default(
    z.int().check(z.minimum(1), z.maximum(15), z.describe('Pictures in a second, at most.')),
    10,
  ),
})

const percent = z.number().check(z.minimum(0), z.maximum(100))

const motionSection = section({
  sensitivity: z._default(
    z
      .int()
      .check(
        z.minimum(1),
        z.maximum(10),
        z.describe('1 notices only what is large and clear, 10 a cat at dusk.'),
      ),
    5,
  ),
  zones: z._default(
    z
      .array(section({ left: percent, top: percent, width: percent, height: percent }))
      .check(
        z.maxLength(16),
        z.describe('Parts of the picture that count, in percent of it; none means all of it.'),
      ),
    [],
  ),
  minimumMs: ms(0, 5_000, 200, 'How long something must be there to be somebody.'),
})

const picturesSection = section({
  region: z._default(
    z
      .nullable(z.string().check(z.regex(/^[a-z]{2}(-[a-z]{2,12}){1,3}-\d$/)))
      .check(z.describe('Region of AWS that pictures and film go to; null: nothing is sent.')),
    null,
  ),
  bucket: z._default(
    z
      .nullable(z.string().check(z.regex(/^[a-z0-9][a-z0-9.-]{1,61}[a-z0-9]$/)))
      .check(z.describe('Bucket for pictures of visitors; null: none are sent.')),
    null,
  ),
  endpoint: z._default(
    z
      .nullable(z.url())
      .check(z.describe('Where something speaks as AWS does, for a simulation; null: AWS.')),
    null,
  ),
})

const recordingSection = section({
  stream: flag(false, 'Whether visits are filmed and sent to Kinesis Video while they last.'),
})

// ---------------------------------------------------------------- the manual of everything

export const configSchema = z.strictObject({
  doorId: z.string().check(
    z.refine((id) => z.safeParse(doorIdSchema, id).success, {
      error: 'must be 1 to 64 letters, digits, "_" or "-".',
    }),
    z.describe("The door's name in messages and topics; never changes."),
  ),
  doorName: text('What people call this door.'),
  dataDir: fullPath('Folder of the database. Only the daemon may read it.'),
  doorKeyFile: z.optional(
    fullPath('File with the 32 secret bytes of this door, in hex, where systemd hands over none.'),
  ),
  language: z._default(
    languageSchema.check(z.describe('Language of the keypad until a visitor chooses another.')),
    'en',
  ),
  passcodeDigits: z._default(
    z.literal([6, 7, 8]).check(z.describe('How many digits the keypad asks for: 6, 7 or 8.')),
    6,
  ),
  hardware: z
    .enum(['simulated', 'gpio'])
    .check(z.describe('What moves the lock: pins of this computer (gpio), or a simulation.')),
  link: z
    .enum(['none', 'simulated', 'iot'])
    .check(z.describe('How the door reaches its cloud: not at all, a simulation, or AWS IoT.')),
  clock: z
    .enum(['ntp', 'host'])
    .check(
      z.describe(
        'ntp: the time counts once systemd-timesyncd has set it. host: this computer has a clock with a battery.',
      ),
    ),
  simulator: z.optional(
    section({
      hardwarePort: port('Where the simulated lock and sensors are.'),
      linkPort: port('Where the simulated cloud is.'),
      secret: z.optional(text('What the simulation wants to hear first on either line.')),
      awsKeys: z.optional(
        section({
          accessKeyId: text('Name of the key that the simulated cloud knows.'),
          secretAccessKey: text('The key itself; worth nothing anywhere else.'),
        }),
      ),
    }),
  ),
  iot: z.prefault(iotSection, {}),
  keypad: z.prefault(
    section({
      host: z._default(
        text('Address of the keypad page. Others than this machine: at your risk.'),
        '127.0.0.1',
      ),
      port: z._default(port('Port of the keypad page.'), 4100),
      allowedHosts: z._default(
        z
          .array(text('A further host name'))
          .check(z.describe('Further names the page is called by.')),
        [],
      ),
      embeddedBy: z._default(
        z
          .array(
            z.url().check(
              // More than an origin would end up in the page's security policy as it stands here.
              z.refine((address) => [address, undefined].includes(URL.parse(address)?.origin), {
                error: 'must be a web address without a path, such as http://127.0.0.1:4000.',
              }),
            ),
          )
          .check(z.describe('Pages that may show the keypad in a frame.')),
        [],
      ),
    }),
    {},
  ),
  lock: z.prefault(
    section({
      mode: z._default(
        z
          .enum(['normal', 'locked', 'unlocked'])
          .check(
            z.describe(
              'locked: nobody is let in by a code or from afar. unlocked: held open all the time, only with a maglock.',
            ),
          ),
        'normal',
      ),
      unlockHoldMs: ms(500, 30_000, 5_000, 'How long a code opens the lock.'),
      exitHoldMs: ms(500, 30_000, 5_000, 'How long the exit button opens the lock.'),
      openingGraceMs: ms(0, 10_000, 2_000, 'How long after locking an opening door is no alarm.'),
      heldOpenAfterMs: ms(5_000, 3_600_000, 60_000, 'After how long a door left open is reported.'),
      relockOnOpen: flag(true, 'Whether the lock closes as soon as the door has opened.'),
      extendedHoldMs: ms(
        500,
        60_000,
        15_000,
        'How long a code opens the lock for people who need more time.',
      ),
      extendedFor: z._default(
        z
          .array(z.string().check(z.regex(/^[0-9a-f]{32}$/)))
          .check(z.describe('The ids of the visitors who need more time.')),
        [],
      ),
    }).check(
      compared(
        (unlock, heldOpen) => unlock < heldOpen,
        ['unlockHoldMs', 'heldOpenAfterMs'],
        'must be less than lock.heldOpenAfterMs.',
      ),
      compared(
        (exit, heldOpen) => exit < heldOpen,
        ['exitHoldMs', 'heldOpenAfterMs'],
        'must be less than lock.heldOpenAfterMs.',
      ),
    ),
    {},
  ),
  gpio: z.prefault(gpioSection, {}),
  camera: z.prefault(cameraSection, {}),
  motion: z.prefault(motionSection, {}),
  pictures: z.prefault(picturesSection, {}),
  recording: z.prefault(recordingSection, {}),
  visit: z.prefault(
    section({
      leftAfterMs: ms(1_000, 600_000, 30_000, 'How long nobody must be seen to end a visit.'),
    }),
    {},
  ),
  lockout: z.prefault(
    section({
      wrongCodesPerPause: z._default(
        z.int().check(z.minimum(1), z.maximum(10), z.describe('Wrong codes until a pause.')),
        5,
      ),
      firstPauseMs: ms(
        1_000,
        3_600_000,
        60_000,
        'The first pause; each further one is twice as long.',
      ),
      longestPauseMs: ms(1_000, 86_400_000, 3_600_000, 'The longest pause.'),
      wrongCodesPerDay: z._default(
        z
          .int()
          .check(
            z.minimum(1),
            z.maximum(10_000),
            z.describe('Wrong codes in any 24 hours, at most.'),
          ),
        50,
      ),
    }).check(
      compared(
        (first, longest) => first <= longest,
        ['firstPauseMs', 'longestPauseMs'],
        'must not be more than lockout.longestPauseMs.',
      ),
      compared(
        (perPause, perDay) => perPause <= perDay,
        ['wrongCodesPerPause', 'wrongCodesPerDay'],
        'must not be more than lockout.wrongCodesPerDay.',
      ),
    ),
    {},
  ),
  logLevel: z._default(
    z.enum(['debug', 'info', 'warn', 'error']).check(z.describe('What is logged.')),
    'info',
  ),
})
export type Config = z.infer<typeof configSchema>
