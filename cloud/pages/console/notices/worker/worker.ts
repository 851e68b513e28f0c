/** Shows notices, also while no page is open, and opens what they are about. */
declare const self: ServiceWorkerGlobalScope

interface Push {
  readonly title: string
  readonly body: string
  readonly url: string
  readonly tag: string
  readonly picture?: string
  readonly closes?: boolean
}

self.addEventListener('install', () => void self.skipWaiting())
self.addEventListener('activate', (event) => event.waitUntil(self.clients.claim()))

self.addEventListener('push', (event) => {
  const push: Push | undefined = event.data?.json()
  if (push) event.waitUntil(show(push))
})

async function show({ title, body, url, tag, picture, closes = false }: Push): Promise<void> {
  const options = {
    ...{ body, tag, data: url, icon: picture ?? '/console/icon-512.png' },
    ...(picture !== undefined && { image: picture }),
    // Sounds again when the question replaces the bell; quiet when it is answered.
    renotify: !closes,
    silent: closes,
  }
  // Browsers withdraw the permission of a page whose pushes show nothing: shown, then closed.
  await self.registration.showNotification(title, options)
  if (!closes) return
  for (const notice of await self.registration.getNotifications({ tag })) notice.close()
}

self.addEventListener('notificationclick', (event) => {
  event.notification.close()
  event.waitUntil(open(String(event.notification.data)))
})

/** In the window that is there. Only paths of these pages. */
async function open(path: string): Promise<void> {
  const url = new URL(path, self.location.origin)
  if (url.origin !== self.location.origin) return
  const [window] = await self.clients.matchAll({ type: 'window' })
  const shown = await window?.navigate(url.href).catch(() => null)
  if (shown) await shown.focus()
  else await self.clients.openWindow(url.href)
}
