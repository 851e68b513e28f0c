/** Turns notices on for this browser, and says why where that is not possible. */
const part = document.querySelector<HTMLElement>('#this-device')
const form = document.querySelector<HTMLFormElement>('#add-device')

function say(what: string): void {
  for (const one of part?.querySelectorAll<HTMLElement>('[data-state]') ?? []) {
    one.hidden = one.dataset['state'] !== what
  }
}

const isOnIos = /\b(iPhone|iPad|iPod)\b/.test(navigator.userAgent)

async function look(): Promise<void> {
  if (!('serviceWorker' in navigator) || !('PushManager' in window)) {
    return say(isOnIos ? 'addToHome' : 'unsupported')
  }
  if (Notification.permission === 'denied') return say('blocked')
  const registration = await navigator.serviceWorker.getRegistration('/')
  const subscription = await registration?.pushManager.getSubscription()
  const known = (part?.dataset['endpoints'] ?? '').split(' ')
  const isKnown = subscription && known.includes(await digest(subscription.endpoint))
  say(isKnown && Notification.permission === 'granted' ? 'enabled' : 'off')
}

/** As the server names the device. */
async function digest(text: string): Promise<string> {
  const bytes = await crypto.subtle.digest('SHA-256', new TextEncoder().encode(text))
  return [...new Uint8Array(bytes)]
    .map((one) => one.toString(16).padStart(2, '0'))
    .join('')
    .slice(0, 32)
}

async function enable(): Promise<void> {
  if ((await Notification.requestPermission()) !== 'granted') return say('blocked')
  await navigator.serviceWorker.register('/worker.js')
  const { pushManager } = await navigator.serviceWorker.ready
  const applicationServerKey = part?.dataset['key'] ?? ''
  // One that was made for another key cannot be used.
  await (await pushManager.getSubscription())?.unsubscribe()
  const made = await pushManager.subscribe({ userVisibleOnly: true, applicationServerKey })
  const { endpoint = '', keys } = made.toJSON()
  const fields = { endpoint, p256dh: keys?.['p256dh'], auth: keys?.['auth'] }
  for (const [name, value = ''] of Object.entries(fields)) {
    const field = form?.elements.namedItem(name)
    if (field instanceof HTMLInputElement) field.value = value
  }
  form?.submit()
}

document.querySelector('#enable')?.addEventListener('click', () => {
  enable().catch(() => say('failed'))
})
look().catch(() => say('failed'))
