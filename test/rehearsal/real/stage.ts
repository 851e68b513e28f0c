/**
 * The rehearsal with the real programs: npm, the CDK, the bundled functions, a browser, an MQTT broker
 * and the door's daemon. Only AWS is simulated.
 */
import { readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import * as z from 'zod/mini'
import { eventFilter } from '../../../protocol/topics.ts'
import type { LambdaOptions } from '../../../simulation/aws/lambda/lambda.ts'
import { patchedSources } from '../../proof/mutants/patched-sources.ts'
import { startBrowser } from '../../support/browser.ts'
import { cloudName, startBroker } from '../../support/network/broker.ts'
import { brokerClient } from '../../support/network/broker-client.ts'
import { makeCa } from '../../support/network/test-ca.ts'
import { openAccount } from '../account.ts'
import type { Stage } from '../stage.ts'
import { whileWorking } from '../working.ts'
import { chromiumBrowser } from './chromium-browser.ts'
import { type DaemonDoor, daemonDoor } from './daemon-door.ts'
import { shell } from './shell.ts'

export async function realStage(say: (sentence: string) => void): Promise<Stage> {
  const sources = patchedSources([])
  const { folder } = sources
  const ca = makeCa()
  const broker = await startBroker({ ca })
  const account = await openAccount({
    ...{ ca, host: broker.host, load: bundleLoader(join(folder, 'cdk.out')), nowMs: Date.now },
    toDoor: (topic, text) => void client.say({ topic, text }),
  })
  const client = await brokerClient({
    ...{ broker, ca, papers: ca.issue(cloudName), clientId: 'cloud', filters: [eventFilter] },
    hear: ({ topic, text }) => account.fromDoor(topic, text),
  })
  const browser = await startBrowser()
  const doors: DaemonDoor[] = []
  const settle = async () => account.deployment().work()
  return {
    ...{ aws: account.aws, origin: account.gateway.origin, deployment: account.deployment, say },
    nowMs: Date.now,
    choose: (chosen) => choose(join(folder, 'cdk.json'), chosen),
    async run(line) {
      // Functions know a household for up to a minute, in which its door may still send something.
      if (line.includes('household remove')) await sleep(householdKnownMs)
      // No person is there to confirm the permissions.
      const typed =
        line === 'npm run deploy' ? `${line} -- --require-approval never --no-notices` : line
      return whileWorking(account, shell(typed, folder, account.environment))
    },
    newBrowser: async () =>
      chromiumBrowser(await browser.newContext({ locale: 'en' }), account.gateway.origin),
    async newDoor(doorId) {
      const door = await daemonDoor({ doorId, ca, broker, account })
      doors.push(door)
      return door
    },
    settle,
    lab: null,
    troubles: account.troubles,
    async close() {
      await Promise.all([browser.close(), ...doors.map((door) => door.close())])
      await client.close()
      await Promise.all([broker.close(), account.close()])
      ca.remove()
      sources.remove()
    },
  }
}

const householdKnownMs = 61_000

const settingsFile = z.looseObject({ context: z.record(z.string(), z.unknown()) })

function choose(file: string, chosen: Readonly<Record<string, string>>): void {
  const { context, ...more } = z.parse(settingsFile, JSON.parse(readFileSync(file, 'utf8')))
  writeFileSync(file, JSON.stringify({ ...more, context: { ...context, ...chosen } }, null, 2))
}

/** Runs what was uploaded. A bundle reads `process.env` while it is loaded, so they are loaded in turn. */
function bundleLoader(assets: string): LambdaOptions['load'] {
  let last: Promise<unknown> = Promise.resolve()
  return (s3Key, environment) => {
    const loaded = last.then(async () => {
      const before = { ...process.env }
      Object.assign(process.env, environment)
      try {
        // The address makes it a module of its own after each deployment.
        const file = join(assets, `asset.${s3Key.replace(/\.zip$/, '')}`, 'index.mjs')
        const { handler }: { handler: (event: unknown) => Promise<unknown> } = await import(file)
        return handler
      } finally {
        process.env = before
      }
    })
    last = loaded.catch(() => {})
    return loaded
  }
}
