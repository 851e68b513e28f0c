/** What can be done with a home: by the person at the keypad, by the owner, and to time itself. */
import { clipOf } from '../cloud/clip.ts'
import { closeDoor } from './door.ts'
import type { AddEntry, Home, HomeParts } from './home.ts'
import { apiStateOf, pageStateOf } from './home-state.ts'
import { doorId } from './household.ts'
import type { Saving } from './memory.ts'
import type { OwnersBrowser } from './owners-browser.ts'
import { ownersSettings } from './owners-settings.ts'
import { visitorsPhone } from './visitors-phone.ts'

interface Context {
  readonly addEntry: AddEntry
  readonly refresh: () => Promise<void>
  readonly owner: OwnersBrowser
  readonly saving: Saving
}

/** The door's own log has no entry for a code that it did not look at. */
const notChecked = {
  silent: 'The code was not checked: the door is not running or cannot write to its disk.',
  paused: 'The code was not checked: the keypad is paused.',
}

/** A published message can cause an answer a little later. */
const answersWithinMs = 15
const shortestStepMs = 2_000
const mostSteps = 40

export function homeActions(parts: HomeParts, context: Context): Omit<Home, keyof HomeParts> {
  const { doorMessages, work, clock, door, keypad, sceneRecorder } = parts
  const { addEntry, refresh, owner, saving } = context
  const settled = async () => {
    do {
      await doorMessages.idle()
      await work.idle()
      await new Promise((passed) => setTimeout(passed, answersWithinMs))
    } while (doorMessages.isBusy())
  }
  return {
    settled,
    settings: ownersSettings(owner),
    ...ownersActions(parts, owner),
    async state() {
      await refresh()
      return apiStateOf(parts)
    },
    pageState: () => pageStateOf(parts),
    note: (sentence) => addEntry('you', sentence),
    phone: visitorsPhone(() => keypad.state()?.scan ?? null),
    async press(code) {
      const answer = await keypad.press(code)
      if (answer === null) addEntry('you', notChecked.silent)
      if (answer?.outcome === 'paused') addEntry('you', notChecked.paused)
      return answer
    },
    async pass(ms) {
      await sceneRecorder?.rest()
      const stepMs = Math.max(shortestStepMs, ms / mostSteps)
      for (let left = ms; left > 0; left -= stepMs) {
        await settled()
        const skipMs = Math.round(Math.min(left, stepMs))
        clock.skip(skipMs)
        await door.steer({ skipMs })
        work.wake()
      }
      await settled()
      sceneRecorder?.goOn()
    },
    close: () => closeHome(parts, saving),
    kill: () => door.kill(),
  }
}

function ownersActions({ connections, gateway }: HomeParts, owner: OwnersBrowser) {
  const command = async (name: string, body: object) =>
    connections.linkUp()
      ? owner.fetch(`/v1/doors/${doorId}/${name}`, { method: 'POST', body: JSON.stringify(body) })
      : null
  return {
    async ownersConsole() {
      await owner.signedIn()
      return gateway.origin
    },
    unlock: () => command('unlock', {}),
    watch: (forMs: number) => command('watch', { forMs }),
    recording: (visitId: string) => clipOf(owner, visitId),
    live: () => owner.fetch(`/v1/doors/${doorId}/live`),
  }
}

async function closeHome(parts: HomeParts, saving: Saving): Promise<void> {
  const { scene, inbox, gateway, work, doorMessages, cloud } = parts
  parts.sceneRecorder?.close()
  scene.close()
  inbox.close()
  await closeDoor(parts)
  await gateway.close()
  await work.close()
  await doorMessages.idle()
  saving.stop()
  await cloud.close()
}
