/**
 * Debian's Chromium without its window: half the CPU time of the whole program for each page. Its
 * camera is simulated, so a page may ask for one.
 */
import { type Browser, chromium } from 'playwright-core'

const flags = [
  '--no-sandbox',
  '--disable-gpu',
  '--disable-quic',
  '--no-first-run',
  '--disable-background-networking',
  '--disable-component-update',
  '--disable-sync',
  '--use-fake-device-for-media-stream',
  '--use-fake-ui-for-media-stream',
]

const program = '/usr/bin/chromium-headless-shell'

export const startBrowser = (): Promise<Browser> =>
  chromium.launch({ executablePath: program, headless: true, args: flags })
