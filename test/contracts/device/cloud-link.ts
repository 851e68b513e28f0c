/** What every `CloudLink` must do. */
import { afterEach, beforeEach, describe, expect, test } from 'vitest'
import type { CloudLink } from '../../../device/daemon/ports.ts'
import { longestMessageBytes } from '../../../protocol/messages/shared.ts'
import { commandTopic, eventTopic } from '../../../protocol/topics.ts'

export interface Said {
  readonly topic: string
  readonly text: string
}

/** The far end, which may receive a message shortly after its acknowledgement, and the network between. */
export interface LinkBench {
  readonly link: CloudLink
  /** Whether the far end has a connection from the link. */
  connected(): boolean
  /** What reached the far end, acknowledged or not. */
  received(): readonly Said[]
  say(said: Said): void
  /** Meanwhile messages reach the far end, but their acknowledgements do not come back. */
  withholdAcks(withhold: boolean): void
  cut(): void
  restore(): void
  end(): Promise<void>
}

const doorId = 'contract-door'
const event = (text: string): Said => ({ topic: eventTopic(doorId, 'bell-rung'), text })
const command = (text: string): Said => ({ topic: commandTopic(doorId, 'grant'), text })
/** As long as a message may be, and made of characters that most encodings escape. */
const longestText = '"\\é\n'.repeat(longestMessageBytes / 5)
const burst = Array.from({ length: 1_000 }, (_, index) => `number ${index}`)

export function cloudLinkContract(name: string, make: () => Promise<LinkBench>): void {
  describe(`${name} is a cloud link`, () => {
    let bench: LinkBench
    let news: boolean[]
    let heard: Said[]

    const publish = ({ topic, text }: Said) => bench.link.publish(topic, text)
    const start = () =>
      bench.link.start({
        online: (online) => news.push(online),
        message: (topic, payload) => heard.push({ topic, text: Buffer.from(payload).toString() }),
      })
    const becomes = (online: boolean) => expect.poll(() => news.at(-1)).toBe(online)
    const textsReceived = () => bench.received().map(({ text }) => text)

    beforeEach(async () => {
      bench = await make()
      news = []
      heard = []
    })
    afterEach(() => bench.end())

    test('reports going up once, going down once, and reconnects by itself', async () => {
      start()
      await becomes(true)
      bench.cut()
      await becomes(false)
      bench.restore()
      await becomes(true)
      expect(news).toEqual([true, false, true])
    })

    test('connects to a cloud that starts later', async () => {
      bench.cut()
      start()
      await expect(publish(event('too early'))).rejects.toThrow()
      expect(news).toEqual([])
      bench.restore()
      await becomes(true)
      expect(news).toEqual([true])
    })

    test('delivers what is published, unchanged', async () => {
      start()
      await becomes(true)
      await publish(event('{"name":"Zoë"}'))
      await expect.poll(bench.received).toEqual([event('{"name":"Zoë"}')])
    })

    test('settles a message only when the far end has acknowledged it', async () => {
      start()
      await becomes(true)
      bench.withholdAcks(true)
      const order: string[] = []
      const published = publish(event('confirm me')).then(() => order.push('settled'))
      await expect.poll(textsReceived).toEqual(['confirm me'])
      order.push('acknowledged')
      bench.withholdAcks(false)
      await published
      expect(order).toEqual(['acknowledged', 'settled'])
    })

    test('rejects unacknowledged messages when the connection drops', async () => {
      start()
      await becomes(true)
      bench.withholdAcks(true)
      const lost = Promise.allSettled([publish(event('one')), publish(event('two'))])
      await expect.poll(textsReceived).toEqual(['one', 'two'])
      bench.cut()
      expect((await lost).map(({ status }) => status)).toEqual(['rejected', 'rejected'])
    })

    test('rejects at once while it is down, and does not send the message later', async () => {
      start()
      await becomes(true)
      bench.cut()
      await becomes(false)
      await expect(publish(event('while down'))).rejects.toThrow()
      bench.restore()
      await becomes(true)
      await publish(event('after'))
      await expect.poll(textsReceived).toEqual(['after'])
    })

    test('reports each cut, and acknowledges nothing that did not arrive', async () => {
      start()
      const confirmed: string[] = []
      for (let cut = 1; cut <= 4; cut += 1) {
        await becomes(true)
        const texts = Array.from({ length: 30 }, (_, index) => `${cut}.${index}`)
        const sent = texts.map((text) => publish(event(text)).then(() => confirmed.push(text)))
        await sent[cut]
        bench.cut()
        await Promise.allSettled(sent)
        await becomes(false)
        bench.restore()
      }
      await becomes(true)
      await expect.poll(textsReceived).toEqual(expect.arrayContaining(confirmed))
      expect(confirmed.length).toBeGreaterThan(4)
      expect(news).toEqual([true, false, true, false, true, false, true, false, true])
    })

    test('rejects before it is started', async () => {
      await expect(publish(event('too early'))).rejects.toThrow()
    })

    test('hands on the messages of the cloud in order', async () => {
      start()
      await becomes(true)
      for (const text of burst) bench.say(command(text))
      await expect.poll(() => heard.length).toBe(burst.length)
      expect(heard).toEqual(burst.map(command))
    })

    test('hands on an empty message, which clears a retained one', async () => {
      start()
      await becomes(true)
      for (const text of ['', 'after it']) bench.say(command(text))
      await expect.poll(() => heard).toEqual(['', 'after it'].map(command))
    })

    test('sends a burst in order, and acknowledges every message', async () => {
      start()
      await becomes(true)
      await Promise.all(burst.map((text) => publish(event(text))))
      await expect.poll(textsReceived).toEqual(burst)
    })

    test('carries the longest message in both directions', async () => {
      start()
      await becomes(true)
      await publish(event(longestText))
      await expect.poll(bench.received).toEqual([event(longestText)])
      bench.say(command(longestText))
      await expect.poll(() => heard).toEqual([command(longestText)])
    })

    test('is silent once stopped', async () => {
      start()
      await becomes(true)
      bench.withholdAcks(true)
      const unconfirmed = expect(publish(event('unconfirmed'))).rejects.toThrow()
      await bench.link.stop()
      await unconfirmed
      await expect.poll(() => bench.connected()).toBe(false)
      await expect(publish(event('too late'))).rejects.toThrow()
      bench.cut()
      bench.restore()
      bench.say(command('too late'))
      await bench.link.stop()
      expect(bench.connected()).toBe(false)
      expect(news).toEqual([true])
      expect(heard).toEqual([])
    })

    test('can be stopped while it is connecting', async () => {
      bench.cut()
      start()
      await bench.link.stop()
      bench.restore()
      expect(news).toEqual([])
    })
  })
}
