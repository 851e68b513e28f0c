/**
 * Where pushes may be sent. A browser chooses its push service, and the address comes from the
 * browser: without this list a member could make the cloud call any address.
 */
const services = [
  /** Chrome, Edge on Android, Opera, Samsung Internet. */
  'fcm.googleapis.com',
  /** Firefox. */
  'push.services.mozilla.com',
  /** Safari, also on the iPhone's home screen. */
  'push.apple.com',
  /** Edge on Windows. */
  'notify.windows.com',
]

export function isPushEndpoint(text: string): boolean {
  const url = URL.parse(text)
  if (!url || text.length > 1_000) return false
  const { protocol, port, username, password, hostname } = url
  const isPlain = protocol === 'https:' && port === '' && username === '' && password === ''
  return isPlain && services.some((host) => hostname === host || hostname.endsWith(`.${host}`))
}
