/** What every way of sending mail must do. */
import { afterEach, beforeEach, describe, expect, test } from 'vitest'
import { type Letter, type Mail, OutsideFault } from '../../../cloud/ports.ts'
import { type AwsServer, startAws } from '../../../simulation/aws/server.ts'
import type { ServiceName } from '../../../simulation/aws/wire.ts'
import {
  type ClientSettings,
  clientSettings,
  impatient,
  type Reply,
  type ScriptedService,
  startScriptedService,
  thrownBy,
} from '../../support/network/scripted-service.ts'

export interface MailBench {
  make(settings: ClientSettings): Mail
  readonly service: ServiceName
  readonly from: string
  readonly emptyAnswer: Reply
  refusal(words: string): Reply
}

const letter: Letter = {
  to: ['robin@house.example', 'sam@house.example'],
  subject: 'Jemand steht vor der Tür – 3 Fragen',
  text: 'Wer ist das? Ja oder nein: https://door.example/approve/#t=s3cret',
  html: '<p>Wer ist das? <img src="cid:face" alt=""> “Ja” &amp; “nein”</p>',
  pictures: [
    { name: 'face', jpeg: new Uint8Array([0xff, 0xd8, 0, 1, 2, 0xff, 0xd9]) },
    { name: 'other', jpeg: new Uint8Array([0xff, 0xd8, 9, 0xff, 0xd9]) },
  ],
}

export function mailContract(name: string, bench: MailBench): void {
  describe(`${name} sends mail`, () => {
    let standIn: AwsServer
    let scripted: ScriptedService
    const mail = () => bench.make(clientSettings(standIn.url))

    beforeEach(async () => {
      standIn = await startAws()
      scripted = await startScriptedService()
    })
    afterEach(async () => {
      await scripted.close()
      await standIn.close()
    })

    test('word for word, once, to everybody named', async () => {
      await mail().send(letter)
      const { to, subject, text, html } = letter
      expect(standIn.mailbox).toHaveLength(1)
      expect(standIn.mailbox[0]).toMatchObject({ from: bench.from, to, subject, text, html })
    })

    test('with its pictures inside, under the names that the words use', async () => {
      await mail().send(letter)
      const pictures = standIn.mailbox[0]?.attachments ?? []
      const seen = pictures.map(({ contentId, inline, bytes }) => ({ contentId, inline, bytes }))
      expect(seen).toEqual(
        letter.pictures.map(({ name, jpeg }) => ({ contentId: name, inline: true, bytes: jpeg })),
      )
      expect(pictures.map(({ contentType }) => contentType)).toEqual(['image/jpeg', 'image/jpeg'])
    })

    test('without pictures when there are none', async () => {
      await mail().send({ ...letter, pictures: [] })
      expect(standIn.mailbox[0]?.attachments).toEqual([])
    })

    test('again when the service is busy, and then one arrives', async () => {
      standIn.fault({ service: bench.service, kind: 'throttle', nth: 1 })
      await mail().send(letter)
      expect(standIn.mailbox).toHaveLength(1)
    })

    test('or says that it failed, without an address or a word of the mail', async () => {
      scripted.answer(bench.refusal(`${letter.to[0]} is not verified: ${letter.text}`))
      const { error, all } = await thrownBy(bench.make(clientSettings(scripted.url)).send(letter))
      expect(error).toBeInstanceOf(OutsideFault)
      expect(error).toHaveProperty('code', expect.stringMatching(/^\w+$/))
      expect(all).not.toMatch(/robin|s3cret/)
    })

    test('and does not believe a success that says nothing', async () => {
      scripted.answer(bench.emptyAnswer)
      const { error } = await thrownBy(bench.make(clientSettings(scripted.url)).send(letter))
      expect(error).toBeInstanceOf(OutsideFault)
    })

    test('and does not wait for ever', async () => {
      const settings = impatient(clientSettings(scripted.url))
      const { error } = await thrownBy(bench.make(settings).send(letter))
      expect(error).toHaveProperty('code', 'TimeoutError')
    })
  })
}
