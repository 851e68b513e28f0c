/** What every line to the cloud must do, whatever it is made of. */
import { afterEach, beforeEach, describe, expect, test } from 'vitest'
import type { CloudLink } from '../../../device/daemon/ports.ts'
import { longestMessageBytes } from '../../../protocol/messages/shared.ts'
import { commandTopic, eventTopic } from '../../../protocol/topics.ts'

export interface Said {
  readonly topic: string
  readonly text: string
}

/** The other end of the line, which may hear a moment after the receipt, and the network in between. */
export interface LinkBench {
  readonly link: CloudLink
  /** Whether the far end has the link on the line. */
  connected(): boolean
  /** What reached the far end, acknowledged or not. */
  received(): readonly Said[]
  say(said: Said): void
  /** While they are withheld, messages still reach the far end, but their receipts don't come back. */
  withholdReceipts(withhold: boolean): void
  cut(): void
  restore(): void
  end(): Promise<void>
}

const doorId = 'contract-door'
const event = (text: string): Said => ({ topic: eventTopic(doorId, 'bell-rung'), text })
const command = (text: string): Said => ({ topic: commandTopic(doorId, 'grant'), text })
/** As long as a message may be, and made of what has to be escaped on most wires. */
const longestText = '"\\é\n'.repeat(longestMessageBytes / 5)
const burst = Array.from({ length: 1_000 }, (_, index) => `number ${index}`)

export function cloudLinkContract(name: string, make: () => Promise<LinkBench>): void {
  describe(`${name} is a line to the cloud`, () => {
    let bench: LinkBench
    let news: boolean[]
    let heard: Said[]

    const publish = ({ topic, text }: Said) => bench.link.publish(topic, text)
    const start = () =>
      bench.link.start({
        online: (online) => news.push(online),
        message: (topic, text) => heard.push({ topic, text }),
      })
    const becomes = (online: boolean) => expect.poll(() => news.at(-1)).toBe(online)
    const textsReceived = () => bench.received().map(({ text }) => text)

    beforeEach(async () => {
      bench = await make()
      news = []
      heard = []
    })
    afterEach(() => bench.end())

    test('tells once that it is up, once that it is down, and calls again by itself', async () => {
      start()
      await becomes(true)
      bench.cut()
      await becomes(false)
      bench.restore()
      await becomes(true)
      expect(news).toEqual([true, false, true])
    })

    test('finds a cloud that comes up later', async () => {
      bench.cut()
      start()
      await expect(publish(event('too early'))).rejects.toThrow()
      expect(news).toEqual([])
      bench.restore()
      await becomes(true)
      expect(news).toEqual([true])
    })

    test('delivers what is published, word for word', async () => {
      start()
      await becomes(true)
      await publish(event('{"name":"Zoë"}'))
      await expect.poll(bench.received).toEqual([event('{"name":"Zoë"}')])
    })

    test('settles a message only when the far end has confirmed it', async () => {
      start()
      await becomes(true)
      bench.withholdReceipts(true)
      const order: string[] = []
      const published = publish(event('confirm me')).then(() => order.push('settled'))
      await expect.poll(textsReceived).toEqual(['confirm me'])
      order.push('receipt sent')
      bench.withholdReceipts(false)
      await published
      expect(order).toEqual(['receipt sent', 'settled'])
    })

    test('rejects what was not confirmed when the line drops', async () => {
      start()
      await becomes(true)
      bench.withholdReceipts(true)
      const lost = Promise.allSettled([publish(event('one')), publish(event('two'))])
      await expect.poll(textsReceived).toEqual(['one', 'two'])
      bench.cut()
      expect((await lost).map(({ status }) => status)).toEqual(['rejected', 'rejected'])
    })

    test('rejects at once while it is down, and does not send it later', async () => {
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

    test('tells the truth through cut after cut, and confirms nothing that did not arrive', async () => {
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

    test('rejects before it was started', async () => {
      await expect(publish(event('too early'))).rejects.toThrow()
    })

    test('hands on what the cloud says, in order', async () => {
      start()
      await becomes(true)
      for (const text of burst) bench.say(command(text))
      await expect.poll(() => heard.length).toBe(burst.length)
      expect(heard).toEqual(burst.map(command))
    })

    test('hands on what has no words at all, as whoever clears a kept message sends it', async () => {
      start()
      await becomes(true)
      for (const text of ['', 'after it']) bench.say(command(text))
      await expect.poll(() => heard).toEqual(['', 'after it'].map(command))
    })

    test('takes a burst, confirms every message of it, and keeps it in order', async () => {
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

    test('is silent for good once stopped', async () => {
      start()
      await becomes(true)
      bench.withholdReceipts(true)
      const unconfirmed = expect(publish(event('unconfirmed'))).rejects.toThrow()
      await bench.link.stop()
      await unconfirmed
      await expect.poll(() => bench.connected()).toBe(false)
      await expect(publish(event('too late'))).rejects.toThrow()
      bench.cut()
      bench.restore()
      bench.say(command('anybody there?'))
      await bench.link.stop()
      expect(bench.connected()).toBe(false)
      expect(news).toEqual([true])
      expect(heard).toEqual([])
    })

    test('can be stopped while it is still looking for the cloud', async () => {
      bench.cut()
      start()
      await bench.link.stop()
      bench.restore()
      expect(news).toEqual([])
    })
  })
}
