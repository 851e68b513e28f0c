/** Attacks on a door: the tests that make each one, and a planted weakness that they must find. */
import { readFileSync } from 'node:fs'
import { hasProgram } from '../../support/programs.ts'
import { missingForNetworks } from '../faults/network/two-networks.ts'
import type { Edit } from '../mutants/patched-sources.ts'

export interface Attack {
  readonly name: string
  readonly attack: string
  readonly tests: readonly string[]
  /** The control: with this weakness the same tests must fail. */
  readonly weakness: { readonly name: string; readonly edits: readonly Edit[] }
  /** What this machine lacks, one sentence each. */
  readonly missing?: readonly string[]
}

const missingPrograms = (...names: readonly string[]): readonly string[] =>
  names.filter((name) => !hasProgram(name)).map((name) => `${name} is not installed.`)

/** With another pattern, core dumps are not left in the folder of the program. */
const missingCores = (): readonly string[] =>
  readFileSync('/proc/sys/kernel/core_pattern', 'utf8').startsWith('core')
    ? []
    : ['kernel.core_pattern does not begin with "core".']

export const attacks: readonly Attack[] = [
  {
    name: 'guessing',
    attack: 'a year of guessing by seven strategies',
    tests: ['test/device/core/credentials/guessing.test.ts'],
    weakness: {
      name: 'good codes of others end the waits',
      edits: [
        {
          file: 'device/core/credentials/lockout.ts',
          from: 'wrongAtUptimeMs.length > rules.shortWaitsPerDay',
          to: 'false',
        },
      ],
    },
  },
  {
    name: 'rebinding',
    attack: 'a web page under a name of its own that leads to the door',
    tests: ['test/device/http/keypad-app.test.ts', 'test/device/http/tablets/tablet-app.test.ts'],
    weakness: {
      name: 'any host name is admitted',
      edits: [
        {
          file: 'device/http/request-guard.ts',
          from: '    if (name === null || !known.has(name)) return',
          to: '    if (name === null) return',
        },
      ],
    },
  },
  {
    name: 'slow-clients',
    attack: 'clients that send a byte now and then, or nothing',
    tests: [
      'test/device/http/connections.test.ts',
      'test/device/http/tablets/hostile-peers.test.ts',
    ],
    weakness: {
      name: 'a request may take a minute',
      edits: [
        {
          file: 'device/http/guarded-app.ts',
          from: 'requestTimeout: limits.requestWithinMs,',
          to: 'requestTimeout: 60_000,',
        },
        {
          file: 'device/http/guarded-app.ts',
          from: 'headersTimeout: limits.headersWithinMs,',
          to: 'headersTimeout: 60_000,',
        },
      ],
    },
  },
  {
    name: 'port-scan',
    attack: 'a scan of all ports from another network',
    tests: ['test/proof/faults/network/port-scan.test.ts'],
    missing: missingForNetworks(),
    weakness: {
      name: 'the page listens where the config says',
      edits: [
        {
          file: 'device/config/loopback.ts',
          from: "  isLoopback(keypad.host) ? keypad.host : '127.0.0.1'",
          to: '  keypad.host',
        },
      ],
    },
  },
  {
    name: 'hostile-tablets',
    attack: 'strangers and paired tablets that take all they can get',
    tests: [
      'test/device/http/tablets/hostile-peers.test.ts',
      'test/device/http/tablets/turns.test.ts',
    ],
    weakness: {
      name: 'a tablet may ask and type without end',
      edits: [
        {
          file: 'device/http/tablets/tablet-guard.ts',
          from: "    this.#requests.take(id) && (method !== 'POST' || this.#actions.take(id))",
          to: "    id !== '' && method !== ''",
        },
      ],
    },
  },
  {
    name: 'timing',
    attack: 'the duration of refusals, by Welch’s t',
    tests: ['test/proof/attacks/timing.test.ts'],
    weakness: {
      name: 'a code that the door knows takes 5 ms longer',
      edits: [
        {
          file: 'device/http/keypad-routes.ts',
          from: "    if (answer.outcome !== 'accepted') await refusalDue\n",
          to: '',
        },
        {
          file: 'device/daemon/lookup.ts',
          from: '  return others.find(isGood) ?? own ?? others[0] ?? null\n',
          to: `  const grant = others.find(isGood) ?? own ?? others[0] ?? null
  const untilMs = performance.now() + 5
  while (grant && performance.now() < untilMs);
  return grant
`,
        },
      ],
    },
  },
  {
    name: 'other-doors',
    attack: 'another device at the broker, with the papers of another door or none',
    tests: ['test/cloud/infra/door-policy.test.ts', 'test/device/link/mqtt.test.ts'],
    missing: missingPrograms('mosquitto'),
    weakness: {
      name: 'a door may read and write the topics of all doors',
      edits: [
        {
          file: 'cloud/infra/doors/doors.ts',
          from: "topics('topic', events)",
          to: "topics('topic', 'door/v1/*')",
        },
      ],
    },
  },
  {
    name: 'hostile-messages',
    attack: 'a broker that delivers nonsense and the commands of other doors',
    tests: ['test/device/link/daemon.test.ts', 'test/protocol/refusals.test.ts'],
    missing: missingPrograms('mosquitto'),
    weakness: {
      name: 'a command for another door is obeyed',
      edits: [
        {
          file: 'device/daemon/lookup.ts',
          from: 'if (command.doorId !== deps.doorId)',
          to: 'if (command.doorId === "")',
        },
      ],
    },
  },
  {
    name: 'replay',
    attack: 'every captured command, sent again',
    tests: ['test/proof/attacks/replay.test.ts'],
    weakness: {
      name: 'commands are not numbered, and nonces work twice',
      edits: [
        {
          file: 'device/core/door/freshness.ts',
          from: "  if (command.seq <= seen.lastFreshSeq) return 'repeated'\n",
          to: '',
        },
        {
          file: 'device/core/door/freshness.ts',
          from: "  if (seen.nonces.some(({ nonce }) => nonce === command.nonce)) return 'repeated'\n",
          to: '',
        },
      ],
    },
  },
  {
    name: 'canaries',
    attack: 'a search for secrets in logs, database, core dump, process list and MQTT',
    tests: ['test/proof/attacks/canaries.test.ts'],
    missing: [...missingPrograms('mosquitto', 'gcore'), ...missingCores()],
    weakness: {
      name: 'the log has the code that was typed',
      edits: [
        {
          file: 'device/http/keypad-app.ts',
          from: '(code: string) => door.enterCode(code)',
          to: '(code: string) => (console.log(code), door.enterCode(code))',
        },
      ],
    },
  },
]
