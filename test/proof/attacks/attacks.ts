/** Attacks on a door: the tests that make each one, and a planted weakness that they must find. */
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

export const attacks: readonly Attack[] = [
  {
    name: 'guessing',
    attack: 'a year of guessing by seven strategies',
    tests: ['test/device/core/guessing.test.ts'],
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
]
