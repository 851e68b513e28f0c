/** The shell around the core: order of deciding, keeping and acting, and what faults do to it. */

import { mkdtempSync, readFileSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { firstFlaw } from '../../../device/core/log/log-chain.ts'
import { createDaemon, type Daemon, type DaemonDeps } from '../../../device/daemon/daemon.ts'
import {
  type Boot,
  type CloudListener,
  DoorBusy,
  type LogReader,
  type SensorReading,
  type Store,
  StoreFault,
} from '../../../device/daemon/ports.ts'
import { openLogReader, openStore } from '../../../device/store/sqlite/store.ts'
import { logSigner } from '../../../protocol/log-signature.ts'
import { type CloudBody, oneTimeCredential } from '../../../protocol/messages/cloud.ts'
import { parseDoorMessage } from '../../../protocol/messages/door.ts'
import { derivePasscode, oneTimeDigits } from '../../../protocol/passcode.ts'
import { commandTopic } from '../../../protocol/topics.ts'
import { shippedRules } from '../../support/door/door-model.ts'
import { type ManualClock, manualClock } from '../../support/manual-clock.ts'

const doorKey = Buffer.alloc(32, 7)
const id = (n: number) => n.toString(16).padStart(32, 'c')

/** What happened to the world, in order. */
let happened: string[]
let clock: ManualClock
let store: Store
let storeFails: boolean
/** Which ways of reading the store fail. */
let unreadable: Set<'unsent' | 'grantByTag' | 'liveGrants'>
/** A row of the log that comes back as half of what it was. */
let damagedSeq: number
let commits: number
/** So far has the time come while somebody was looking; moves by itself only when told to. */
let creptMs: number
let creeping: boolean
/** The machine's start; null: unknown. */
let boot: Boot | null
let lockFails: boolean
/** What `open` returns. */
let lockAnswers: Promise<void> | undefined
let lockThere: boolean
let lookups: number
let sense: (reading: SensorReading) => void
let cloud: CloudListener
let published: { text: string; taken: () => void; lost: () => void }[]
let logged: { level: string; text: string; data: object }[]
let daemon: Daemon
let folder: string
let ids: number
let seq: number

beforeEach(async () => {
  folder = mkdtempSync(join(tmpdir(), 'smart-door-daemon-'))
  clock = manualClock()
  happened = []
  published = []
  logged = []
  storeFails = false
  unreadable = new Set()
  damagedSeq = 0
  commits = 0
  creptMs = 0
  creeping = false
  boot = null
  lockFails = false
  lockAnswers = undefined
  lockThere = true
  lookups = 0
  ids = 0
  seq = 0
  store = openStore(join(folder, 'door.sqlite'), { warn: () => {} })
  daemon = createDaemon(deps())
  daemon.start()
  await settled()
})

afterEach(async () => {
  await daemon.stop('test')
  store.close()
  rmSync(folder, { recursive: true })
})

function deps(): DaemonDeps {
  const log = (level: string) => (data: object, text: string) =>
    void logged.push({ level, text, data })
  const readable = (what: 'unsent' | 'grantByTag' | 'liveGrants') => {
    if (unreadable.has(what)) throw new StoreFault('malformed-row', 'A row is damaged.')
  }
  const touch = (what: string) => {
    if (lockFails) throw new Error('no answer from the relay')
    happened.push(what)
  }
  return {
    doorId: 'door',
    doorName: 'Door',
    doorKey,
    rules: shippedRules,
    store: {
      ...store,
      grantByTag(tag) {
        lookups += 1
        readable('grantByTag')
        return store.grantByTag(tag)
      },
      liveGrants(nowMs, which) {
        readable('liveGrants')
        return store.liveGrants(nowMs, which)
      },
      unsent(afterSeq, limit) {
        readable('unsent')
        return store
          .unsent(afterSeq, limit)
          .map((row) => (row.seq === damagedSeq ? { ...row, text: row.text.slice(0, 40) } : row))
      },
      commit(commit) {
        commits += 1
        if (storeFails) throw new StoreFault('SQLITE_FULL', 'The disk is full.')
        store.commit(commit)
        happened.push('committed')
      },
    },
    lock: {
      open(holdMs) {
        touch(`open ${holdMs}`)
        return lockAnswers
      },
      close: () => touch('close'),
      reachable: () => lockThere,
    },
    sensors: {
      start: (report) => {
        sense = report
      },
      stop: () => {},
    },
    cameraPipeline: {
      start: () => {},
      setVisit: () => {},
      watchLive: (untilUptimeMs) => happened.push(`watched until ${untilUptimeMs}`),
      stop: async () => {},
    },
    link: {
      start: (listener) => {
        cloud = listener
      },
      publish: (_topic, text) =>
        new Promise((taken, lost) =>
          published.push({ text, taken, lost: () => lost(new Error('lost')) }),
        ),
      stop: async () => {},
    },
    clock: {
      ...clock,
      boot: () => boot,
      monotonicMs() {
        if (creeping) creptMs += 1
        return clock.monotonicMs() + creptMs
      },
    },
    log: { info: log('info'), warn: log('warn'), error: log('error') },
    newId() {
      ids += 1
      return ids.toString(16).padStart(32, '0')
    },
  }
}

/** Until the queue is empty: it is worked off one thing per turn of the event loop. */
async function settled(): Promise<void> {
  for (let turns = 0; turns < 10; turns += 1) await new Promise(setImmediate)
}

/** What was told with this level, by its text. */
const told = (level: string) =>
  logged.filter((line) => line.level === level).map(({ text }) => text)

async function send(body: CloudBody): Promise<void> {
  seq += 1
  const message = { v: 1, id: id(1_000 + seq), doorId: 'door', seq, atMs: clock.wallMs(), ...body }
  cloud.message(commandTopic('door', body.type), Buffer.from(JSON.stringify(message)))
  await settled()
}

async function grantCode(n: number): Promise<string> {
  await send({
    type: 'grant',
    credential: oneTimeCredential({
      grantId: id(n),
      visitId: null,
      visitorId: id(100),
      visitorName: 'Ada',
      language: 'en',
      digits: 8,
      notBeforeMs: clock.wallMs(),
      expiresAtMs: clock.wallMs() + 300_000,
    }),
  })
  return derivePasscode(doorKey, id(n), oneTimeDigits)
}

const types = () =>
  published.map(({ text }) => {
    const parsed = parseDoorMessage(text)
    return parsed.ok ? parsed.message.type : parsed.reason
  })

describe('deciding, keeping, acting', () => {
  it('commits once before the lock moves, and the lock moves before the visitor hears', async () => {
    const code = await grantCode(1)
    happened = []
    const answer = daemon.enterCode(code).then((said) => happened.push(said.outcome))
    await answer
    expect(happened).toEqual(['committed', 'open 5000', 'accepted'])
  })

  it('gives one of a hundred visitors who type the same code at once', async () => {
    const code = await grantCode(1)
    const answers = await Promise.all(Array.from({ length: 100 }, () => daemon.enterCode(code)))
    expect(answers.filter(({ outcome }) => outcome === 'accepted')).toHaveLength(1)
    expect(answers.filter(({ outcome }) => outcome === 'denied')).toHaveLength(4)
    expect(answers.filter(({ outcome }) => outcome === 'paused')).toHaveLength(95)
  })

  it('works its timers off by the running clock', async () => {
    await daemon.enterCode(await grantCode(1))
    clock.advance(4_999)
    await settled()
    expect(happened.at(-1)).toBe('open 5000')
    clock.advance(1)
    await settled()
    expect(happened.slice(-2)).toEqual(['committed', 'close'])
  })

  it('films for whoever looks from afar, and no longer than that was for', async () => {
    const fresh = { nonce: id(7), expiresAtMs: clock.wallMs() + 10_000, by: 'owner' }
    await send({ type: 'watch-live', ...fresh, forMs: 300_000 })
    expect(happened.slice(-2)).toEqual(['committed', expect.stringMatching(/^watched until \d+$/)])
    happened = []
    clock.advance(300_000)
    await settled()
    expect(happened).toContain('watched until null')
  })

  it('says no when more is going on than it can keep in mind', async () => {
    const bells = Array.from({ length: 1_001 }, () => daemon.ringBell())
    const refused = (await Promise.allSettled(bells)).filter(({ status }) => status === 'rejected')
    expect(refused).toHaveLength(1)
    await expect
      .poll(() => daemon.metrics().find((m) => m.name.includes('overflow'))?.value)
      .toBe(1)
    for (let turns = 0; turns < 1_000; turns += 1) await new Promise(setImmediate)
  })
})

describe('a paused keypad', () => {
  it('does not even look codes up, so that nobody learns from how long it takes', async () => {
    const code = await grantCode(1)
    for (let n = 0; n < 4; n += 1) await daemon.enterCode('00000000')
    lookups = 0
    expect(await daemon.enterCode(code)).toMatchObject({ outcome: 'paused' })
    expect(lookups).toBe(0)
    clock.advance(2_000)
    await settled()
    expect(await daemon.enterCode(code)).toMatchObject({ outcome: 'accepted' })
    expect(lookups).toBe(1)
  })

  it('ends at one moment, not between looking a code up and judging it', async () => {
    const code = await grantCode(1)
    for (let n = 0; n < 4; n += 1) await daemon.enterCode('00000000')
    clock.advance(1_998)
    await settled()
    creeping = true
    expect(await daemon.enterCode(code)).toEqual({ outcome: 'paused', pausedForMs: 1 })
    expect(await daemon.enterCode(code)).toMatchObject({ outcome: 'accepted' })
  })
})

describe('a disk that takes nothing', () => {
  it('lets nobody in, and the code still works once the disk does again', async () => {
    const code = await grantCode(1)
    storeFails = true
    happened = []
    await expect(daemon.enterCode(code)).rejects.toThrow(DoorBusy)
    expect(happened).toEqual([])
    expect(daemon.health()).toMatchObject({ ok: false })
    storeFails = false
    clock.advance(1_000)
    expect(await daemon.enterCode(code)).toMatchObject({ outcome: 'accepted' })
    expect(daemon.health()).toEqual({ ok: true, problems: [] })
  })

  it('does not keep the lock from closing, nor anybody from leaving', async () => {
    await daemon.enterCode(await grantCode(1))
    storeFails = true
    clock.advance(5_000)
    await settled()
    expect(happened.at(-1)).toBe('close')
    sense({ kind: 'exit-pressed' })
    await settled()
    expect(happened.at(-1)).toBe('open 5000')
  })

  it('is tried again by itself, and forgotten once it takes something', async () => {
    storeFails = true
    sense({ kind: 'contact', open: true })
    await settled()
    expect(daemon.health()).toMatchObject({ ok: false })
    storeFails = false
    clock.advance(5_000)
    await settled()
    expect(daemon.health()).toEqual({ ok: true, problems: [] })
  })

  it('makes no timer run wild', async () => {
    await daemon.enterCode(await grantCode(1))
    storeFails = true
    clock.advance(3_600_000)
    await settled()
    expect(logged.filter(({ level }) => level === 'error').length).toBeLessThan(100)
  })

  it('asks for everything again when a command could not be kept', async () => {
    cloud.online(true)
    await settled()
    storeFails = true
    await send({ type: 'revoke-grant', grantId: id(1), reason: 'x' })
    storeFails = false
    clock.advance(30_000)
    await settled()
    const asked = published.filter(({ text }) => text.includes('"resync-wanted"'))
    expect(new Set(asked.map(({ text }) => text)).size).toBe(2)
  })

  it('loses no count of wrong codes that was answered', async () => {
    await daemon.enterCode('00000000')
    storeFails = true
    sense({ kind: 'exit-pressed' })
    await settled()
    storeFails = false
    clock.advance(1_000)
    await daemon.enterCode('00000001')
    expect(store.load()?.lockout.wrongInRow).toBe(2)
  })
})

describe('guessing while the disk takes nothing', () => {
  const tryCode = (code: string) =>
    daemon.enterCode(code).then(
      ({ outcome }) => outcome,
      () => 'busy',
    )

  it.each(['a wrong one', 'a good one'])('is paused like any other, with %s', async (which) => {
    const good = await grantCode(1)
    storeFails = true
    for (let n = 0; n < 4; n += 1) {
      expect(await tryCode(which === 'a good one' ? good : '00000000')).toBe('busy')
      clock.advance(1_000)
    }
    expect(await tryCode(good)).toBe('paused')
    expect(daemon.keypadState().keypad).toBe('paused')
    storeFails = false
    sense({ kind: 'exit-pressed' })
    await settled()
    expect(store.load()?.lockout).toMatchObject({ wrongInRow: 4, alarmAtUptimeMs: null })
  })

  it('tries the disk once a second, and tells of it once', async () => {
    storeFails = true
    commits = 0
    logged = []
    for (let n = 0; n < 30; n += 1) {
      expect(await tryCode('00000000')).toBe('busy')
      clock.advance(100)
    }
    expect(commits).toBeLessThanOrEqual(6)
    expect(told('error')).toEqual(['store fault'])
  })

  it('does not keep anybody inside waiting', async () => {
    storeFails = true
    happened = []
    const codes = Array.from({ length: 20 }, () =>
      tryCode('00000000').then(() => void happened.push('answered')),
    )
    sense({ kind: 'exit-pressed' })
    await Promise.all(codes)
    expect(happened[0]).toBe('open 5000')
  })

  it('tells whoever rings that nobody heard', async () => {
    storeFails = true
    await expect(daemon.ringBell()).rejects.toThrow(DoorBusy)
    storeFails = false
    clock.advance(5_000)
    await daemon.ringBell()
  })
})

describe('a store that cannot be read', () => {
  it('goes on locking and letting people out while its unsent rows cannot be found', async () => {
    unreadable.add('unsent')
    cloud.online(true)
    await settled()
    sense({ kind: 'exit-pressed' })
    await settled()
    clock.advance(5_000)
    await settled()
    expect(happened.at(-1)).toBe('close')
    expect(daemon.health().ok).toBe(false)
    expect(told('error')).toEqual(['store fault'])
    unreadable.clear()
    clock.advance(1_000)
    await settled()
    expect(types()).toContain('exit-used')
    expect(daemon.health().ok).toBe(true)
  })

  it('tells whoever watches over it of a lock that should hold and does not', async () => {
    sense({ kind: 'contact', open: false })
    sense({ kind: 'bond', holding: false })
    await settled()
    clock.advance(5_000)
    await settled()
    expect(told('info')).toContain('lock-failed')
    expect(daemon.health()).toEqual({
      ok: false,
      problems: [
        'The lock should hold and says that it does not. Is something in its way, or its power off?',
      ],
    })
    const figures = () => daemon.metrics().find(({ name }) => name === 'smart_door_not_holding')
    expect(figures()?.value).toBe(1)
    sense({ kind: 'bond', holding: true })
    await settled()
    expect([daemon.health().ok, figures()?.value]).toEqual([true, 0])
  })

  it('leaves out a row that cannot be sent, says so once, and sends the others', async () => {
    sense({ kind: 'exit-pressed' })
    await settled()
    damagedSeq = 2
    cloud.online(true)
    await settled()
    cloud.online(false)
    await settled()
    cloud.online(true)
    await settled()
    expect(types()).toContain('exit-used')
    expect(told('warn')).toEqual(['a row of the log cannot be sent'])
  })

  it('takes a code whose grant is damaged for an unknown one', async () => {
    const code = await grantCode(1)
    unreadable.add('grantByTag')
    logged = []
    for (let n = 0; n < 3; n += 1) {
      expect(await daemon.enterCode(code)).toEqual({ outcome: 'denied', pausedForMs: 0 })
    }
    expect(await daemon.enterCode(code)).toEqual({ outcome: 'denied', pausedForMs: 2_000 })
    expect(told('error')).toEqual(['store fault'])
    expect(daemon.health().ok).toBe(false)
  })

  it('still obeys commands that need nothing of what is damaged', async () => {
    unreadable.add('liveGrants')
    await send({ type: 'unlock', nonce: id(1), expiresAtMs: clock.wallMs() + 5_000, by: 'owner' })
    expect(happened.at(-1)).toBe('open 5000')
    expect(daemon.health().ok).toBe(true)
    await send({ type: 'visitor-removed', visitorId: id(100) })
    expect(daemon.health().ok).toBe(false)
    expect(told('error')).toEqual(['store fault'])
  })
})

it('does not use up a code while the coil of the lock must rest', async () => {
  await daemon.stop('test')
  const { lock, ...others } = deps()
  daemon = createDaemon({ ...others, lock: { ...lock, coilMaxOnMs: 6_000 } })
  daemon.start()
  await settled()
  expect(await daemon.enterCode(await grantCode(1))).toMatchObject({ outcome: 'accepted' })
  const code = await grantCode(2)
  clock.advance(2_000)
  expect(await daemon.enterCode(code)).toEqual({ outcome: 'paused', pausedForMs: 7_000 })
  clock.advance(3_000)
  await settled()
  clock.advance(4_000)
  expect(await daemon.enterCode(code)).toMatchObject({ outcome: 'accepted' })
})

describe('a lock that does not answer', () => {
  it('is told of, and closing is tried until it works', async () => {
    await daemon.enterCode(await grantCode(1))
    lockFails = true
    clock.advance(5_000)
    await settled()
    expect(daemon.health().ok).toBe(false)
    clock.advance(3_000)
    await settled()
    lockFails = false
    clock.advance(1_000)
    await settled()
    expect(happened.at(-1)).toBe('close')
    expect(daemon.health().ok).toBe(true)
    expect(logged.filter(({ text }) => text === 'lock-failed')).toHaveLength(1)
  })

  it('is the answer to a good code, once, and the owner gets the alarm', async () => {
    const code = await grantCode(1)
    cloud.online(true)
    lockFails = true
    expect(await daemon.enterCode(code)).toEqual({ outcome: 'not-opened', language: 'en' })
    await settled()
    expect(daemon.keypadState().lock).toBe('locked')
    expect(logged.filter(({ text }) => text === 'lock-failed')).toHaveLength(1)
    lockFails = false
    expect(await daemon.enterCode(code)).toMatchObject({ outcome: 'denied' })
    expect(await daemon.enterCode(await grantCode(2))).toMatchObject({ outcome: 'accepted' })
  })

  it('that answers late is waited for, by the visitor and by a stop of the daemon', async () => {
    const code = await grantCode(1)
    lockAnswers = new Promise(() => {})
    const first = daemon.enterCode(code)
    await settled()
    clock.advance(1_000)
    expect(await first).toMatchObject({ outcome: 'not-opened' })
    lockAnswers = Promise.resolve()
    expect(await daemon.enterCode(await grantCode(2))).toMatchObject({ outcome: 'accepted' })
    const third = await grantCode(3)
    lockAnswers = Promise.reject(new Error('no gpio line'))
    lockAnswers.catch(() => {}) // The daemon handles it some turns later.
    expect(await daemon.enterCode(third)).toMatchObject({ outcome: 'not-opened' })
    lockAnswers = new Promise(() => {})
    const last = daemon.enterCode(await grantCode(4))
    await settled()
    await Promise.all([daemon.stop('test'), expect(last).rejects.toThrow(DoorBusy)])
  })

  it('is no better for having closed when it would not open', async () => {
    const code = await grantCode(1)
    lockFails = true
    await daemon.enterCode(code)
    lockFails = false
    clock.advance(5_000)
    await settled()
    expect(happened.at(-1)).toBe('close')
    expect(daemon.health().ok).toBe(false)
    sense({ kind: 'exit-pressed' })
    await settled()
    expect(daemon.health()).toEqual({ ok: true, problems: [] })
  })

  it('that is not there uses up no code, and is told of until it is back', async () => {
    const code = await grantCode(1)
    lockThere = false
    lockFails = true
    await expect(daemon.enterCode(code)).rejects.toThrow(DoorBusy)
    sense({ kind: 'exit-pressed' })
    await settled()
    expect(daemon.health()).toEqual({ ok: false, problems: [expect.stringContaining('lock')] })
    lockThere = true
    lockFails = false
    expect(await daemon.enterCode(code)).toMatchObject({ outcome: 'accepted' })
    expect(daemon.health()).toEqual({ ok: true, problems: [] })
  })
})

describe('the time', () => {
  it('is not late by what a clock that was looked at had to wait for its turn', async () => {
    await daemon.stop('test')
    clock.setWall(clock.wallMs() + 60_000)
    daemon = createDaemon(deps())
    daemon.start()
    // The line's SDK is being loaded before anything gets its turn.
    clock.advance(3_000)
    await settled()
    expect(daemon.nowMs()).toBe(clock.wallMs())
  })
})

describe('the log on the disk', () => {
  const dayMs = 24 * 3_600_000
  const signer = logSigner('door', doorKey)
  const read = <T>(look: (log: LogReader) => T): T => {
    const log = openLogReader(join(folder, 'door.sqlite'))
    try {
      return look(log)
    } finally {
      log.close()
    }
  }
  const isSigned = () =>
    read((log) => {
      const signed = log.signedHead()
      return signed.seq === log.head().seq && signer.isOwn('head', signed)
    })
  const idle = async (ms: number) => {
    clock.advance(ms)
    await settled()
  }

  const startLater = async (days: number) => {
    await daemon.stop('test')
    clock.setWall(clock.wallMs() + days * dayMs)
    daemon = createDaemon(deps())
    daemon.start()
    await settled()
    await idle(60_000)
  }

  it('is signed from the first commit on, again within two idle minutes, and at the end', async () => {
    expect(read((log) => signer.isOwn('head', log.signedHead()))).toBe(true)
    await daemon.ringBell()
    expect(isSigned()).toBe(false)
    await idle(60_000)
    await idle(60_000)
    expect(isSigned()).toBe(true)
    await daemon.ringBell()
    await daemon.stop('test')
    expect(isSigned()).toBe(true)
  })

  it('has the signature of what was written, when the disk failed meanwhile', async () => {
    storeFails = true
    await daemon.ringBell().catch(() => {})
    storeFails = false
    await idle(60_000)
    await daemon.stop('test')
    expect(isSigned()).toBe(true)
  })

  it('is deleted behind a signed start when it is old, with the names of visitors', async () => {
    cloud.online(true)
    await grantCode(1)
    for (let sent = 0; sent < published.length; sent += 1) {
      published[sent]?.taken()
      await settled()
    }
    const { seq: old } = store.head()
    await startLater(29)
    expect(store.visitor(id(100))?.known?.name).toBe('Ada')
    await startLater(2)
    expect(store.visitor(id(100))?.known).toBe(null)
    expect(read((log) => log.start().seq)).toBe(0)
    await startLater(150)
    const start = read((log) => log.start())
    expect(start.seq).toBe(old)
    expect(signer.isOwn('start', start)).toBe(true)
    expect(read((log) => firstFlaw(log.rows(), log.head(), log.start()))).toBe(null)
  })
})

it('a contact that flaps for an hour makes the daemon write less than 1 MB', async () => {
  const writtenBytes = () =>
    Number(/^wchar: (\d+)$/m.exec(readFileSync('/proc/self/io', 'utf8'))?.[1])
  const before = writtenBytes()
  for (let second = 0; second < 3_600; second += 1) {
    for (const open of [true, false]) sense({ kind: 'contact', open })
    clock.advance(1_000)
    await daemon.roundTrip()
  }
  expect(writtenBytes() - before).toBeLessThan(1_000_000)
  expect(logged.map(({ text }) => text)).toContain('sensor-unsteady')
  expect(told('info').filter((text) => text === 'door-opened').length).toBeLessThan(21)
})

describe('an integration', () => {
  it('unlocks through the queue, and hears what was committed', async () => {
    const heard: string[] = []
    daemon.listen(({ event, rows }) => heard.push(`${event.kind} ${rows.length}`))
    expect(await daemon.requestUnlock('Home Assistant')).toBe('accepted')
    expect(happened.slice(-2)).toEqual(['committed', 'open 5000'])
    expect(logged.at(-1)).toMatchObject({
      text: 'unlock-accepted',
      data: { origin: 'integration', by: 'Home Assistant', commandId: null },
    })
    expect(heard).toEqual(['unlock-requested 1'])
  })

  it('unlocks nothing while the disk fails or the lock is away', async () => {
    storeFails = true
    await expect(daemon.requestUnlock('Home Assistant')).rejects.toThrow(DoorBusy)
    storeFails = false
    clock.advance(10_000)
    await settled()
    lockThere = false
    await expect(daemon.requestUnlock('Home Assistant')).rejects.toThrow(DoorBusy)
    expect(happened.join()).not.toContain('open')
  })

  it('that fails keeps nothing else from working', async () => {
    daemon.listen(() => {
      throw new Error('no connection')
    })
    expect(await daemon.requestUnlock('Matter')).toBe('accepted')
    expect(told('error')).toContain('a listener failed')
    cloud.online(true)
    await settled()
    expect(types()).toContain('unlock-accepted')
  })
})

describe('a restart of the daemon without a network', () => {
  /** As of a Pi: no clock runs while it is off. */
  async function restart(after: Boot): Promise<void> {
    await daemon.stop('test')
    boot = after
    clock.confirm(null)
    daemon = createDaemon(deps())
    daemon.start()
    await settled()
  }

  beforeEach(async () => {
    boot = { id: 'first', agoMs: 60_000 }
    cloud.online(true)
    await settled()
  })

  it('does not harm a code, as the machine itself ran on', async () => {
    const code = await grantCode(1)
    await restart({ id: 'first', agoMs: 120_000 })
    expect(await daemon.enterCode(code)).toMatchObject({ outcome: 'accepted' })
  })

  it('counts the time in which only the machine ran', async () => {
    const code = await grantCode(1)
    await restart({ id: 'first', agoMs: 60_000 + 300_000 })
    expect(await daemon.enterCode(code)).toMatchObject({ outcome: 'denied' })
  })

  it('accepts no code after a power cut, whose length it cannot know', async () => {
    const code = await grantCode(1)
    await restart({ id: 'second', agoMs: 120_000 })
    expect(await daemon.enterCode(code)).not.toMatchObject({ outcome: 'accepted' })
  })
})

describe('the outbox', () => {
  it('sends what happened offline, in order, and forgets only what was taken over', async () => {
    sense({ kind: 'exit-pressed' })
    await settled()
    expect(published).toEqual([])
    cloud.online(true)
    await settled()
    expect(types()).toEqual([
      'door-started',
      'clock-confirmed',
      'exit-used',
      'door-introduced',
      'door-state',
      'resync-wanted',
    ])
    const before = store.unsentCount()
    for (const { taken } of published) taken()
    await settled()
    sense({ kind: 'contact', open: true })
    await settled()
    expect(store.unsentCount()).toBe(before - 6 + 1)
  })

  it('sends what was just written without reading it back, and nothing twice', async () => {
    cloud.online(true)
    await settled()
    for (const { taken } of published) taken()
    await settled()
    unreadable.add('unsent')
    const before = published.length
    sense({ kind: 'exit-pressed' })
    await settled()
    expect(types().slice(before)).toEqual(['exit-used'])
    published.at(-1)?.lost()
    await settled()
    sense({ kind: 'contact', open: true })
    await settled()
    // Something is missing before it, which only the disk still has.
    expect(published).toHaveLength(before + 1)
    unreadable.clear()
    clock.advance(1_000)
    await settled()
    expect(types().slice(before)).toEqual(['exit-used', 'exit-used', 'door-opened', 'lock-closed'])
  })

  it('sends again what got lost, and not what was taken over', async () => {
    cloud.online(true)
    await settled()
    published[0]?.taken()
    published[1]?.lost()
    await settled()
    clock.advance(1_000)
    await settled()
    expect(types().filter((type) => type === 'door-started')).toHaveLength(1)
    expect(types().filter((type) => type === 'clock-confirmed')).toHaveLength(2)
  })

  it('does not wait for ever for an acknowledgement that a living line swallowed', async () => {
    cloud.online(true)
    await settled()
    clock.advance(31_000)
    await settled()
    expect(types().filter((type) => type === 'door-started')).toHaveLength(2)
    for (const { taken } of published) taken()
    await settled()
    sense({ kind: 'exit-pressed' })
    await settled()
    expect(store.unsentCount()).toBeLessThan(3)
  })

  it('sends everything again to whoever is there after the line dropped', async () => {
    cloud.online(true)
    await settled()
    for (const { lost } of published) lost()
    cloud.online(false)
    await settled()
    cloud.online(true)
    await settled()
    expect(types().filter((type) => type === 'door-started')).toHaveLength(2)
  })
})

describe('a command', () => {
  const unlock = () => {
    seq += 1
    const envelope = { v: 1, id: id(1_000 + seq), doorId: 'door', seq, atMs: clock.wallMs() }
    const fresh = { nonce: id(seq), expiresAtMs: clock.wallMs() + 5_000, by: 'owner' }
    return JSON.stringify({ ...envelope, type: 'unlock', ...fresh })
  }

  it.each([
    ['the topic of another type', commandTopic('door', 'grant'), unlock, 'wrong-topic'],
    ['the topic of another door', commandTopic('other', 'unlock'), unlock, 'wrong-topic'],
    ['a topic of events', 'door/v1/door/evt/unlock', unlock, 'wrong-topic'],
    [
      'its own topic, with a field twice',
      commandTopic('door', 'unlock'),
      () => unlock().replace('{', '{"type":"grant",'),
      'duplicate-field',
    ],
  ])('is refused on %s', async (_, topic, text, reason) => {
    cloud.message(topic, Buffer.from(text()))
    await settled()
    expect(happened.join()).not.toContain('open')
    const refusals = logged.filter((line) => line.text === 'message-refused')
    expect(refusals).toMatchObject([{ data: { reason } }])
  })

  it('is refused when its bytes are not UTF-8', async () => {
    const bytes = Buffer.from(unlock())
    bytes[bytes.indexOf('owner')] = 0xff
    cloud.message(commandTopic('door', 'unlock'), bytes)
    await settled()
    expect(happened.join()).not.toContain('open')
  })

  it('is carried out on its own topic', async () => {
    cloud.message(commandTopic('door', 'unlock'), Buffer.from(unlock()))
    await settled()
    expect(happened).toContain('open 5000')
  })
})

describe('messages that make no sense', () => {
  it('are counted, and written down once of each kind', async () => {
    for (const text of ['nonsense', '{}', 'x'.repeat(200_000), '{"v":2}', 'more nonsense']) {
      cloud.message('', Buffer.from(text))
    }
    await send({ type: 'visitor-removed', visitorId: id(1) })
    cloud.message(
      '',
      Buffer.from(
        JSON.stringify({
          v: 1,
          id: id(1),
          doorId: 'other',
          seq: 1,
          atMs: 1,
          type: 'visitor-removed',
          visitorId: id(1),
        }),
      ),
    )
    await settled()
    const refusals = logged.filter(({ text }) => text === 'message-refused')
    expect(refusals.map(({ data }) => data)).toMatchObject([
      { reason: 'not-json' },
      { reason: 'unknown-version' },
      { reason: 'too-big' },
      { reason: 'wrong-door' },
    ])
    const counted = daemon.metrics().find(({ name }) => name.includes('refused_messages'))
    expect(counted?.value).toBe(6)
  })
})

describe('whoever watches the keypad', () => {
  it('hears of every change, and of none that is none', async () => {
    const seen: string[] = []
    const stop = daemon.watch(({ lock, visit }) => seen.push(`${lock} ${visit?.number ?? '-'}`))
    sense({ kind: 'bell-pressed' })
    await settled()
    sense({ kind: 'bell-pressed' })
    await settled()
    await daemon.enterCode(await grantCode(1))
    stop()
    clock.advance(60_000)
    await settled()
    // The code ends the visit; the lock shows as open once it is.
    expect(seen).toEqual(['locked 1', 'locked -', 'unlocked -'])
  })

  it('hears when a pause ends', async () => {
    for (let n = 0; n < 4; n += 1) await daemon.enterCode('00000000')
    const seen: string[] = []
    daemon.watch(({ keypad }) => seen.push(keypad))
    clock.advance(2_000)
    await settled()
    expect(seen.at(-1)).toBe('ready')
  })
})
