/** Against Debian's mosquitto, with mutual TLS, and no more allowed than the doors' IoT policy allows. */
import { readFileSync } from 'node:fs'
import { afterAll, afterEach, beforeAll, describe, expect, test } from 'vitest'
import type { Identity } from '../../../device/daemon/ports.ts'
import { iotLink } from '../../../device/link/mqtt/link.ts'
import { commandTopic, eventFilter, eventTopic } from '../../../protocol/topics.ts'
import { freePort } from '../../../simulation/door/free-port.ts'
import { cloudLinkContract, type LinkBench } from '../../contracts/device/cloud-link.ts'
import { type Broker, cloudName, startBroker } from '../../support/network/broker.ts'
import { brokerClient } from '../../support/network/broker-client.ts'
import { tcpGate } from '../../support/network/tcp-gate.ts'
import { makeCa, type Papers, type TestCa } from '../../support/network/test-ca.ts'

const thingName = 'contract-door'
const fast = { reconnectMs: { min: 50, max: 300 }, paced: false }

let ca: TestCa
let doorPapers: Papers
let cloudPapers: Papers

beforeAll(() => {
  ca = makeCa()
  doorPapers = ca.issue(thingName)
  cloudPapers = ca.issue(cloudName)
})
afterAll(() => ca.remove())

const identityOf = ({ certificate, key }: Papers, authority = ca.certificate): Identity => ({
  certificate: readFileSync(certificate, 'utf8'),
  key: readFileSync(key, 'utf8'),
  authority: readFileSync(authority, 'utf8'),
})

cloudLinkContract('link-iot', async (): Promise<LinkBench> => {
  const broker = await startBroker({ ca })
  const gate = await tcpGate(broker)
  const cloud = await brokerClient({
    ...{ broker, ca, papers: cloudPapers, clientId: 'cloud', filters: [eventFilter] },
  })
  const link = iotLink({
    endpoint: { host: '127.0.0.1', port: gate.port },
    ...{ thingName, identity: () => identityOf(doorPapers), tell: () => {}, ...fast },
  })
  return {
    link,
    connected: () => gate.callers() > 0,
    received: () => cloud.heard,
    say: (said) => void cloud.say(said),
    withholdReceipts: gate.hold,
    cut: gate.cut,
    restore: gate.restore,
    async end() {
      await link.stop()
      await cloud.close()
      await gate.close()
      await broker.close()
    },
  }
})

describe('a line to AWS IoT', () => {
  let ends: (() => unknown)[] = []
  afterEach(async () => {
    for (const end of ends.reverse()) await end()
    ends = []
  })

  async function broker(): Promise<Broker> {
    const started = await startBroker({ ca })
    ends.push(() => started.close())
    return started
  }

  interface LineOptions {
    readonly papers?: Papers
    readonly identity?: () => Identity
    readonly host?: string
    readonly keepAliveSeconds?: number
  }

  function line(port: number, options: LineOptions = {}) {
    const { papers = doorPapers, host = '127.0.0.1' } = options
    const news: boolean[] = []
    const heard: string[] = []
    const troubles: string[] = []
    /** How much had been told by then. */
    const misses: number[] = []
    const link = iotLink({
      ...{ endpoint: { host, port }, thingName, identity: () => identityOf(papers) },
      ...{ tell: ({ reason }) => troubles.push(reason), ...fast, ...options },
    })
    link.start({
      online: (up) => news.push(up),
      missed: () => misses.push(news.length),
      message: (_, text) => heard.push(text),
    })
    ends.push(() => link.stop())
    return { link, news, heard, troubles, misses }
  }

  /** The SDK itself would take up to half a minute. */
  const soon = { timeout: 15_000 }

  test.each([
    ['expired', 'the past', 'certificate-expired'],
    ['not valid yet', 'the future', 'certificate-too-new'],
  ] as const)('says quickly that its certificate is %s', async (_, validFor, reason) => {
    const papers = ca.issue(thingName, { validFor })
    const { troubles, news } = line((await broker()).port, { papers })
    await expect.poll(() => troubles, soon).toEqual([reason])
    expect(news).toEqual([])
  })

  test('says quickly that its certificate was revoked', async () => {
    const papers = ca.issue('revoked-door')
    ca.revoke(papers.certificate)
    const { troubles } = line((await broker()).port, { papers })
    await expect.poll(() => troubles, soon).toEqual(['certificate-revoked'])
  })

  test('says quickly that the cloud does not know its certificate', async () => {
    const other = makeCa('Another')
    ends.push(() => other.remove())
    const { troubles } = line((await broker()).port, { papers: other.issue(thingName) })
    await expect.poll(() => troubles, soon).toEqual(['certificate-unknown'])
  })

  test('says quickly that it does not trust who answers', async () => {
    const other = makeCa('Another')
    ends.push(() => other.remove())
    const identity = () => identityOf(doorPapers, other.certificate)
    const { troubles } = line((await broker()).port, { identity })
    await expect.poll(() => troubles, soon).toEqual(['cloud-not-trusted'])
  })

  test('says quickly that who answers has another name', async () => {
    const { troubles } = line((await broker()).port, { host: 'localhost' })
    await expect.poll(() => troubles, soon).toEqual(['cloud-has-other-name'])
  })

  test.each([
    ['is not there', '127.0.0.1', 'cloud-not-reached'],
    ['has no address', 'no-such-cloud.invalid', 'name-not-found'],
  ])('says that the cloud %s', async (_, host, reason) => {
    const { troubles } = line(await freePort(0), { host })
    await expect.poll(() => troubles).toEqual([reason])
  })

  test('says that its papers are no papers', async () => {
    const identity = () => ({ ...identityOf(doorPapers), certificate: 'nothing of the kind' })
    const { troubles } = line((await broker()).port, { identity })
    await expect.poll(() => troubles, soon).toEqual(['certificate-unreadable'])
  })

  test('says that somebody else must be calling in its name', async () => {
    const { port } = await broker()
    const first = line(port)
    await expect.poll(() => first.news).toEqual([true])
    const second = line(port)
    await expect.poll(() => first.troubles).toEqual(['dropped-again'])
    await second.link.stop()
  })

  test('says once that the cloud refuses what it says', async () => {
    const { link, news, troubles } = line((await broker()).port)
    await expect.poll(() => news, soon).toEqual([true])
    for (const time of ['first', 'second']) {
      await expect(link.publish(eventTopic('other-door', 'bell-rung'), time)).rejects.toThrow()
    }
    expect(troubles).toEqual(['message-refused'])
    await link.publish(eventTopic(thingName, 'bell-rung'), 'allowed')
  })

  test('changes to new papers by itself when the old ones stop working', async () => {
    let papers = ca.issue(thingName, { validFor: 'the past' })
    const { news, troubles } = line((await broker()).port, {
      identity: () => identityOf(papers),
    })
    await expect.poll(() => troubles, soon).toEqual(['certificate-expired'])
    papers = ca.issue(thingName)
    // What the SDK waits after a failed handshake comes before its next attempt.
    await expect.poll(() => news, { timeout: 90_000 }).toEqual([true])
  })

  test('hears what was said while it was away, and only in its own name', async () => {
    const { port } = await broker()
    const cloud = await brokerClient({
      ...{ broker: { host: '127.0.0.1', port }, ca, papers: cloudPapers, clientId: 'cloud' },
      filters: ['door/#'],
    })
    ends.push(() => cloud.close())
    const before = line(port)
    await expect.poll(() => before.news).toEqual([true])
    await before.link.stop()
    await cloud.say({ topic: commandTopic(thingName, 'grant'), text: 'while away' })
    await cloud.say({ topic: commandTopic('other-door', 'grant'), text: 'for others' })
    const after = line(port)
    await expect.poll(() => after.heard).toEqual(['while away'])
    // What was kept for it may come before its subscription is confirmed, and the line is up only then.
    await expect.poll(() => after.news).toEqual([true])
    expect([before.misses, after.misses]).toEqual([[0], []])
    await expect(
      after.link.publish(eventTopic('other-door', 'bell-rung'), 'forged'),
    ).rejects.toThrow()
    await after.link.publish(eventTopic(thingName, 'bell-rung'), 'own')
    const events = () => cloud.heard.filter(({ topic }) => topic.includes('/evt/'))
    const own = { topic: eventTopic(thingName, 'bell-rung'), text: 'own' }
    await expect.poll(events).toEqual([own])
  })

  test('notices a line that died silently, and subscribes again to a broker that forgot it', async () => {
    const own = await broker()
    const { news, heard, misses } = line(own.port, { keepAliveSeconds: 2 })
    await expect.poll(() => news).toEqual([true])
    own.signal('SIGSTOP')
    await expect.poll(() => news).toEqual([true, false])
    await own.kill()
    await own.start()
    await expect.poll(() => news).toEqual([true, false, true])
    // Before each time that it was up: neither broker knew it.
    expect(misses).toEqual([0, 2])
    const cloud = await brokerClient({
      ...{ broker: own, ca, papers: cloudPapers, clientId: 'cloud', filters: [] },
    })
    ends.push(() => cloud.close())
    await cloud.say({ topic: commandTopic(thingName, 'grant'), text: 'back again' })
    await expect.poll(() => heard).toEqual(['back again'])
  })
})
