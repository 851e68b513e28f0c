/**
 * A sensor that changes again and again, such as a loose contact, must not fill the disk. After a few
 * rows in a minute, or very many in an hour, the door raises one alarm and only counts. When the
 * sensor has been steady for a while, one row says how many were left out.
 */
import { type DoorBody, type Sensor, sensors } from '../../../protocol/messages/door.ts'
import { type Decision, type DoorState, decision, type EventContext } from './state.ts'

interface Flapping {
  /** When rows of the sensor were due, the newest last, within an hour. */
  readonly recentUptimeMs: readonly number[]
  /** Null while its rows are written. */
  readonly episode: Episode | null
}
interface Episode {
  readonly sinceUptimeMs: number
  readonly lastUptimeMs: number
  readonly leftOut: number
  readonly alarmed: readonly DoorBody['type'][]
}

export type FlappingSensors = { readonly [sensor in Sensor]?: Flapping }

/** More than any use of a door: ten openings in a minute, a hundred in an hour. */
const limits = [
  { rows: 20, withinMs: 60_000 },
  { rows: 200, withinMs: 3_600_000 },
] as const
const steadyAfterMs = 600_000
const longestMs = 3_600_000

function sensorOf(body: DoorBody, flapping: FlappingSensors): Sensor | null {
  switch (body.type) {
    case 'door-opened':
    case 'door-closed':
    case 'door-forced':
    case 'door-held-open':
      return 'contact'
    case 'exit-used':
      return 'exit-button'
    case 'bell-rung':
      return 'bell'
    case 'lock-failed':
      return body.action === 'close' ? 'bond' : null
    case 'lock-closed':
      // It follows from each press.
      return flapping['exit-button']?.episode ? 'exit-button' : null
    default:
      return null
  }
}

/** An alarm is raised once even while the sensor flaps: it may be true all the same. */
const isAlarm = ({ type }: DoorBody): boolean => type === 'door-forced' || type === 'lock-failed'

/** The decision with the rows that are worth writing. */
export function withoutFlapping(decided: Decision, { uptimeMs }: EventContext): Decision {
  let { flapping } = decided.state
  const record = decided.record.flatMap((body) => {
    const sensor = sensorOf(body, flapping)
    if (!sensor) return [body]
    const { sensorNow, rows } = counted(sensor, flapping[sensor], body, uptimeMs)
    flapping = { ...flapping, [sensor]: sensorNow }
    return rows
  })
  if (flapping === decided.state.flapping) return decided
  return { ...decided, record, state: { ...decided.state, flapping } }
}

function counted(
  sensor: Sensor,
  before: Flapping | undefined,
  body: DoorBody,
  uptimeMs: number,
): { readonly sensorNow: Flapping; readonly rows: readonly DoorBody[] } {
  const { recentUptimeMs: earlier = [], episode = null } = before ?? {}
  const recentUptimeMs = [...earlier, uptimeMs]
    .filter((atUptimeMs) => atUptimeMs > uptimeMs - longestMs)
    .slice(-limits[1].rows - 1)
  if (!episode && !isTooMuch(recentUptimeMs, uptimeMs)) {
    return { sensorNow: { recentUptimeMs, episode }, rows: [body] }
  }
  const begun = { sinceUptimeMs: uptimeMs, lastUptimeMs: uptimeMs, leftOut: 0, alarmed: [] }
  const { sinceUptimeMs, leftOut, alarmed }: Episode = episode ?? begun
  const isNews = isAlarm(body) && !alarmed.includes(body.type)
  const sensorNow = {
    recentUptimeMs,
    episode: {
      sinceUptimeMs,
      lastUptimeMs: uptimeMs,
      leftOut: leftOut + (isNews ? 0 : 1),
      alarmed: isNews ? [...alarmed, body.type] : alarmed,
    },
  }
  const rows: DoorBody[] = isNews ? [body] : []
  if (!episode) rows.push({ type: 'sensor-unsteady', sensor })
  return { sensorNow, rows }
}

const isTooMuch = (recentUptimeMs: readonly number[], uptimeMs: number): boolean =>
  limits.some(
    ({ rows, withinMs }) =>
      recentUptimeMs.filter((atUptimeMs) => atUptimeMs > uptimeMs - withinMs).length > rows,
  )

export function steadyDueAtUptimeMs({ flapping }: DoorState): number | null {
  const due = Object.values(flapping).flatMap(({ episode }) =>
    episode ? [episode.lastUptimeMs + steadyAfterMs] : [],
  )
  return due.length === 0 ? null : Math.min(...due)
}

export function steadyDue(state: DoorState, { uptimeMs }: EventContext): Decision {
  const steady = sensors.flatMap((sensor) => {
    const { episode } = state.flapping[sensor] ?? {}
    return episode && uptimeMs >= episode.lastUptimeMs + steadyAfterMs ? [{ sensor, episode }] : []
  })
  if (steady.length === 0) return decision(state)
  const ended = Object.fromEntries(
    steady.map(({ sensor }) => [sensor, { recentUptimeMs: [], episode: null }]),
  )
  return decision(
    { ...state, flapping: { ...state.flapping, ...ended } },
    {
      record: steady.map(({ sensor, episode }) => ({
        type: 'sensor-steady',
        sensor,
        leftOut: episode.leftOut,
        forMs: episode.lastUptimeMs - episode.sinceUptimeMs,
        contact: state.contact.is,
      })),
    },
  )
}
