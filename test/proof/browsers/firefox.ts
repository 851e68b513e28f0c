/** Debian's Firefox. Puppeteer speaks WebDriver BiDi with it, which Playwright does not. */
import { existsSync } from 'node:fs'
import puppeteer, { type Browser } from 'puppeteer-core'

const program = '/usr/bin/firefox-esr'

export const missingForFirefox = (): readonly string[] =>
  existsSync(program) ? [] : ['firefox-esr (Debian package firefox-esr) is not installed.']

/** As narrow as its window can be. */
export const startFirefox = (): Promise<Browser> =>
  puppeteer.launch({
    browser: 'firefox',
    executablePath: program,
    headless: true,
    defaultViewport: null,
    args: ['--width=500', '--height=844'],
  })
