/** Daemons with one serious defect each. The fault runs must find every one. */
import type { Invariant } from '../faults/breach.ts'
import type { Edit } from './patched-sources.ts'

export interface BrokenBuild {
  readonly name: string
  readonly edits: readonly Edit[]
  /** A kill loses only what the process had not yet handed to the system. */
  readonly foundBy: 'kill9' | 'power-cut'
  /** A breach of another invariant means that the build is broken in another way. */
  readonly breaks: readonly Invariant[]
}

const commitFile = 'device/store/sqlite/commit.ts'
const fileFile = 'device/store/sqlite/file.ts'
const synchronous = "db.pragma('synchronous = FULL')"

/** An answer that is not durable can be lost, with everything that follows from it. */
const everything: readonly Invariant[] = [
  'comes back',
  'opens rightly',
  'once only',
  'never cheaper',
  'nothing lost',
  'log whole',
  'delivered once',
]

export const brokenBuilds: readonly BrokenBuild[] = [
  {
    name: 'commit after the answer, synchronous=OFF',
    foundBy: 'kill9',
    breaks: everything,
    edits: [
      { file: commitFile, from: '    write(commit)\n', to: '    writeLater(commit)\n' },
      {
        file: commitFile,
        from: '  const write = db.transaction(({ changes, rows, state, acknowledged, signed }: Commit) => {',
        to: `  const writeLater = (commit: Commit) => {
    if (!db.inTransaction) {
      db.exec('BEGIN IMMEDIATE')
      setTimeout(() => db.exec('COMMIT'), 5)
    }
    write(commit)
  }
  const write = db.transaction(({ changes, rows, state, acknowledged, signed }: Commit) => {`,
      },
      {
        file: fileFile,
        from: synchronous,
        to: "db.pragma('synchronous = OFF')",
      },
    ],
  },
  {
    name: 'acts before it persists',
    foundBy: 'power-cut',
    breaks: ['nothing lost', 'opens rightly', 'never cheaper', 'once only'],
    edits: [
      {
        file: 'device/daemon/event-loop.ts',
        from: '    const rows = this.#isWorthWriting',
        to: "    if (incoming.kind === 'code') this.#visitors.set(context.id, incoming.caller)\n    for (const effect of decided.effects) this.#act(effect)\n    const rows = this.#isWorthWriting",
      },
      {
        file: 'device/daemon/event-loop.ts',
        from: "      if (incoming.kind === 'code') this.#visitors.set(context.id, incoming.caller)\n      for (const effect of decided.effects) this.#act(effect)\n",
        to: '',
      },
    ],
  },
  {
    name: 'wrong codes counted in memory only',
    foundBy: 'kill9',
    breaks: ['never cheaper'],
    edits: [
      {
        file: 'device/daemon/persistence.ts',
        from: '...(after.lockout !== stored?.lockout && { lockout: after.lockout }),',
        to: '...(stored === null && { lockout: after.lockout }),',
      },
    ],
  },
  {
    name: 'used grants stored in memory only',
    foundBy: 'kill9',
    breaks: ['once only', 'nothing lost', 'opens rightly'],
    edits: [
      {
        file: commitFile,
        from: '      const { changes } = sql.closeGrant.run(change)\n',
        to: `      if (change.as === 'used') return void usedInMemory.add(change.grantId)
      const { changes } = sql.closeGrant.run(change)
`,
      },
      {
        file: commitFile,
        from: 'export function createWriter',
        to: 'export const usedInMemory = new Set<string>()\n\nexport function createWriter',
      },
      {
        file: 'device/store/sqlite/store.ts',
        from: 'find.grantsByTag.all(tag).map(grantRow)',
        to: "find.grantsByTag.all(tag).map((row) => { const grant = grantRow(row); return usedInMemory.has(grant.grantId) ? { ...grant, closed: 'used' as const } : grant })",
      },
      {
        file: 'device/store/sqlite/store.ts',
        from: "import { createWriter } from './commit.ts'",
        to: "import { createWriter, usedInMemory } from './commit.ts'",
      },
    ],
  },
  {
    name: 'outbox forgets what it has sent, not what was acknowledged',
    foundBy: 'kill9',
    breaks: ['delivered once'],
    edits: [
      {
        file: 'device/daemon/outbox.ts',
        from: '    this.#onTheWay.add(seq)\n',
        to: '    this.#acknowledged.add(seq)\n',
      },
    ],
  },
  {
    name: 'hold time not passed to the lock',
    foundBy: 'kill9',
    breaks: ['relocks'],
    edits: [
      {
        file: 'device/simulated/hardware.ts',
        from: "{ lock: 'open', holdMs }",
        to: "{ lock: 'open', holdMs: 60_000 + 0 * holdMs }",
      },
    ],
  },
  {
    name: 'seen commands stored in memory only',
    foundBy: 'kill9',
    breaks: ['opens rightly'],
    edits: [
      {
        file: 'device/daemon/persistence.ts',
        from: '...(after.commands !== stored?.commands && { commands: after.commands }),',
        to: '...(stored === null && { commands: after.commands }),',
      },
    ],
  },
  {
    name: 'log and state written in two commits',
    foundBy: 'kill9',
    breaks: ['never cheaper', 'once only', 'nothing lost', 'opens rightly', 'delivered once'],
    edits: [
      {
        file: commitFile,
        from: '    appendRows(sql, rows)\n',
        to: '',
      },
      {
        file: commitFile,
        from: '    write(commit)\n',
        to: '    db.transaction(() => appendRows(sql, commit.rows)).immediate()\n    write(commit)\n',
      },
    ],
  },
  {
    name: 'synchronous=NORMAL',
    foundBy: 'power-cut',
    breaks: everything,
    edits: [{ file: fileFile, from: synchronous, to: "db.pragma('synchronous = NORMAL')" }],
  },
  {
    name: 'synchronous=OFF',
    foundBy: 'power-cut',
    breaks: everything,
    edits: [{ file: fileFile, from: synchronous, to: "db.pragma('synchronous = OFF')" }],
  },
]
