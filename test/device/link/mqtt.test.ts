/** Against Debian's mosquitto with mutual TLS, which allows only what the doors' IoT policy allows. */
import { readFileSync } from 'node:fs'
import { afterAll, afterEach, beforeAll, describe, expect, test } from 'vitest'
import type { Identity } from '../../../device/daemon/ports.ts'
import { IotLink } from '../../../device/link/mqtt/link.ts'
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

cloudLinkContract('IotLink', async (): Promise<LinkBench> => {
  const broker = await startBroker({ ca })
  const gate = await tcpGate(broker)
  const cloud = await brokerClient({
    broker,
    ca,
    papers: cloudPapers,
    clientId: 'cloud',
    filters: [eventFilter],
  })
  const link = new IotLink({
    endpoint: { host: '127.0.0.1', port: gate.port },
    thingName,
    identity: () => identityOf(doorPapers),
    report: () => {},
    ...fast,
  })
  return {
    link,
    connected: () => gate.connections() > 0,
    received: () => cloud.heard,
    say: (said) => void cloud.say(said),
    withholdAcks: gate.hold,
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

describe('the link to AWS IoT', () => {
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

  interface LinkOptions {
    readonly papers?: Papers
    readonly identity?: () => Identity
    readonly host?: string
    readonly keepAliveSeconds?: number
  }

  function startLink(port: number, options: LinkOptions = {}) {
    const { papers = doorPapers, host = '127.0.0.1' } = options
    const news: boolean[] = []
    const heard: string[] = []
    const payloads: Uint8Array[] = []
    const reports: string[] = []
    /** How many changes came before each. */
    const misses: number[] = []
    const link = new IotLink({
      endpoint: { host, port },
      thingName,
      identity: () => identityOf(papers),
      report: ({ reason }) => reports.push(reason),
      ...fast,
      ...options,
    })
    link.start({
      online: (up) => news.push(up),
      missed: () => misses.push(news.length),
      message(_, payload) {
        payloads.push(payload)
        heard.push(Buffer.from(payload).toString())
      },
    })
    ends.push(() => link.stop())
    return { link, news, heard, payloads, reports, misses }
  }

  /** The SDK itself would report it after up to half a minute. */
  const soon = { timeout: 15_000 }

  test.each([
    ['expired', 'the past', 'certificate-expired'],
    ['not valid yet', 'the future', 'certificate-too-new'],
  ] as const)('reports quickly that its certificate is %s', async (_, validFor, reason) => {
    const papers = ca.issue(thingName, { validFor })
    const { reports, news } = startLink((await broker()).port, { papers })
    await expect.poll(() => reports, soon).toEqual([reason])
    expect(news).toEqual([])
  })

  test('reports quickly that its certificate was revoked', async () => {
    const papers = ca.issue('revoked-door')
    ca.revoke(papers.certificate)
    const { reports } = startLink((await broker()).port, { papers })
    await expect.poll(() => reports, soon).toEqual(['certificate-revoked'])
  })

  test('reports quickly that the cloud does not know its certificate', async () => {
    const other = makeCa('Another')
    ends.push(() => other.remove())
    const { reports } = startLink((await broker()).port, { papers: other.issue(thingName) })
    await expect.poll(() => reports, soon).toEqual(['certificate-unknown'])
  })

  test('connects where there is IPv6 only', async () => {
    const host = '::1'
    const only = await startBroker({ ca, host })
    ends.push(() => only.close())
    const { link, news } = startLink(only.port, { host })
    await expect.poll(() => news, soon).toEqual([true])
    await link.publish(eventTopic(thingName, 'bell-rung'), 'over IPv6')
  })

  test('reports quickly that it does not trust the certificate of the cloud', async () => {
    const other = makeCa('Another')
    ends.push(() => other.remove())
    const identity = () => identityOf(doorPapers, other.certificate)
    const { reports } = startLink((await broker()).port, { identity })
    await expect.poll(() => reports, soon).toEqual(['cloud-not-trusted'])
  })

  test('reports quickly that the certificate of the cloud has another name', async () => {
    const { reports } = startLink((await broker()).port, { host: 'localhost' })
    await expect.poll(() => reports, soon).toEqual(['cloud-has-other-name'])
  })

  test.each([
    ['cannot be reached', '127.0.0.1', 'cloud-not-reached'],
    ['has no address', 'no-such-cloud.invalid', 'name-not-found'],
  ])('reports that the cloud %s', async (_, host, reason) => {
    const { reports } = startLink(await freePort(0), { host })
    await expect.poll(() => reports).toEqual([reason])
  })

  test('reports an unreadable certificate', async () => {
    const identity = () => ({ ...identityOf(doorPapers), certificate: 'not a certificate' })
    const { reports } = startLink((await broker()).port, { identity })
    await expect.poll(() => reports, soon).toEqual(['certificate-unreadable'])
  })

  test('reports that another client uses its name', async () => {
    const { port } = await broker()
    const first = startLink(port)
    await expect.poll(() => first.news).toEqual([true])
    const second = startLink(port)
    await expect.poll(() => first.reports).toEqual(['dropped-again'])
    await second.link.stop()
  })

  test('reports once that the cloud refuses its messages', async () => {
    const { link, news, reports } = startLink((await broker()).port)
    await expect.poll(() => news, soon).toEqual([true])
    for (const time of ['first', 'second']) {
      await expect(link.publish(eventTopic('other-door', 'bell-rung'), time)).rejects.toThrow()
    }
    expect(reports).toEqual(['message-refused'])
    await link.publish(eventTopic(thingName, 'bell-rung'), 'allowed')
  })

  test('connects with a new certificate when the old one stops working', async () => {
    let papers = ca.issue(thingName, { validFor: 'the past' })
    const { news, reports } = startLink((await broker()).port, {
      identity: () => identityOf(papers),
    })
    await expect.poll(() => reports, soon).toEqual(['certificate-expired'])
    papers = ca.issue(thingName)
    // The SDK waits after a failed handshake.
    await expect.poll(() => news, { timeout: 90_000 }).toEqual([true])
  })

  test('receives what was sent while it was away, and only its own messages', async () => {
    const { port } = await broker()
    const cloud = await brokerClient({
      broker: { host: '127.0.0.1', port },
      ca,
      papers: cloudPapers,
      clientId: 'cloud',
      filters: ['door/#'],
    })
    ends.push(() => cloud.close())
    const before = startLink(port)
    await expect.poll(() => before.news).toEqual([true])
    await before.link.stop()
    await cloud.say({ topic: commandTopic(thingName, 'grant'), text: 'while away' })
    await cloud.say({ topic: commandTopic('other-door', 'grant'), text: 'for others' })
    const after = startLink(port)
    await expect.poll(() => after.heard).toEqual(['while away'])
    // A stored message may arrive before the subscription is confirmed, and the link is up only then.
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

  test('hands on bytes unchanged, also invalid UTF-8', async () => {
    const own = await broker()
    const { news, payloads } = startLink(own.port)
    await expect.poll(() => news).toEqual([true])
    const cloud = await brokerClient({
      broker: own,
      ca,
      papers: cloudPapers,
      clientId: 'cloud',
      filters: [],
    })
    ends.push(() => cloud.close())
    const bytes = Uint8Array.of(0x22, 0xff, 0x22)
    await cloud.sendBytes(commandTopic(thingName, 'grant'), bytes)
    await expect.poll(() => payloads.map((payload) => [...payload])).toEqual([[...bytes]])
  })

  test('notices a silently dead connection, and subscribes again at a broker that lost its sessions', async () => {
    const own = await broker()
    const { news, heard, misses } = startLink(own.port, { keepAliveSeconds: 2 })
    await expect.poll(() => news).toEqual([true])
    own.signal('SIGSTOP')
    await expect.poll(() => news).toEqual([true, false])
    await own.kill()
    await own.start()
    await expect.poll(() => news).toEqual([true, false, true])
    // Before each time that it came up: the broker had no session of it.
    expect(misses).toEqual([0, 2])
    const cloud = await brokerClient({
      broker: own,
      ca,
      papers: cloudPapers,
      clientId: 'cloud',
      filters: [],
    })
    ends.push(() => cloud.close())
    await cloud.say({ topic: commandTopic(thingName, 'grant'), text: 'back again' })
    await expect.poll(() => heard).toEqual(['back again'])
  })
})
