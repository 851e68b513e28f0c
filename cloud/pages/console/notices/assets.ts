/** What makes the pages an app on the home screen: the manifest, icons, and the worker for notices. */
import type { Hono } from 'hono'
import { asset } from '../../asset.ts'
import {
  consoleIcon,
  consoleIcon180,
  consoleIcon512,
  noticesScript,
  workerScript,
} from '../../assets.ts'

const icon = (src: string, sizes: string, type: string, purpose = 'any') => ({
  ...{ src, sizes, type, purpose },
})

const manifest = JSON.stringify({
  ...{ id: '/', name: 'smart-door', short_name: 'Door', start_url: '/', scope: '/' },
  ...{ display: 'standalone', background_color: '#f1f4f2', theme_color: '#0a5f4e' },
  icons: [
    icon('/console/icon.svg', 'any', 'image/svg+xml'),
    icon('/console/icon-512.png', '512x512', 'image/png'),
    icon('/console/icon-512.png', '512x512', 'image/png', 'maskable'),
    icon('/console/icon-180.png', '180x180', 'image/png'),
  ],
})

const bytes = (base64: string) => new Uint8Array(Buffer.from(base64, 'base64'))

export function noticeAssets(app: Hono): void {
  app.get('/console/app.webmanifest', (context) =>
    asset(context, 'application/manifest+json', manifest),
  )
  app.get('/console/icon.svg', (context) => asset(context, 'image/svg+xml', consoleIcon))
  app.get('/console/icon-180.png', (context) => asset(context, 'image/png', bytes(consoleIcon180)))
  app.get('/console/icon-512.png', (context) => asset(context, 'image/png', bytes(consoleIcon512)))
  app.get('/console/notices.js', (context) => asset(context, 'text/javascript', noticesScript))
  // At the top, because a worker serves only the pages below its own address.
  app.get('/worker.js', (context) => asset(context, 'text/javascript', workerScript))
}
