/** MQTT topics. A door's certificate only lets it use its own: the door id is the thing name. */
const version = 'v1'

export const eventTopic = (doorId: string, type: string): string =>
  `door/${version}/${doorId}/evt/${type}`

export const commandTopic = (doorId: string, type: string): string =>
  `door/${version}/${doorId}/cmd/${type}`

/** What a door subscribes to. */
export const commandFilter = (doorId: string): string => commandTopic(doorId, '+')

/** What the cloud's rule listens to, for every door. */
export const eventFilter = `door/${version}/+/evt/+`

export interface ParsedTopic {
  readonly doorId: string
  readonly direction: 'evt' | 'cmd'
  readonly type: string
}

export function parseTopic(topic: string): ParsedTopic | null {
  const match = /^door\/v1\/([\w-]{1,64})\/(evt|cmd)\/([a-z-]{1,40})$/.exec(topic)
  if (!match) return null
  const [, doorId = '', direction, type = ''] = match
  return { doorId, direction: direction === 'evt' ? 'evt' : 'cmd', type }
}
