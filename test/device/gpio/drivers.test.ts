/** Which driver `auto` takes where both could drive the pins. */
import { copyFileSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { text } from 'node:stream/consumers'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { type FakeGpio, fakeGpio } from '../../support/hardware/fake-gpio.ts'

const support = join(import.meta.dirname, '../../support/hardware')
let folder: string
let gpio: FakeGpio

beforeAll(async () => {
  folder = mkdtempSync(join(tmpdir(), 'drivers-'))
  for (const name of ['gpiodetect', 'gpioget', 'gpiomon', 'gpioset']) {
    copyFileSync(join(support, 'fake-gpiod.sh'), join(folder, name))
  }
  writeFileSync(join(folder, 'version'), '2')
  writeFileSync(join(folder, 'config.txt'), 'dtparam=audio=on\ngpio=22=ip,pu\n')
  gpio = await fakeGpio()
})
afterAll(async () => {
  await gpio.close()
  rmSync(folder, { recursive: true })
})

async function taken(settings: object, firmware: string | null): Promise<string> {
  const words = [join(support, 'found-pins.ts'), JSON.stringify({ settings, firmware })]
  const path = `PATH=${folder}:/usr/bin:/bin`
  const { stdout } = gpio.run('env', [path, process.execPath, ...words])
  return stdout ? (await text(stdout)).trim() : ''
}

test.each([
  ['onoff, as no input needs a resistor', {}, null, 'onoff'],
  [
    'gpiod, which can set it, where the firmware does not',
    { doorContact: { bcm: 22 } },
    null,
    'gpiod',
  ],
  ['onoff, where the firmware sets it', { doorContact: { bcm: 22 } }, 'config.txt', 'onoff'],
  ['gpiod, where the firmware sets another', { doorContact: { bcm: 23 } }, 'config.txt', 'gpiod'],
  ['onoff, where the pin rests high by itself', { doorContact: { bcm: 5 } }, null, 'onoff'],
  ['onoff, where it is wanted', { driver: 'onoff', doorContact: { bcm: 22 } }, null, 'onoff'],
])('%s', async (_, settings, firmware, driver) => {
  const path = firmware === null ? null : join(folder, firmware)
  expect(await taken(settings, path)).toMatch(new RegExp(`^${driver}`))
})
