/**
 * What waits for the door, in two rows: what the door itself notices (exit button, timers) goes
 * before requests from outside. Only the row of the others is bounded: the door's own timers and
 * sensors are few, and none of their events may be lost.
 */
export interface Queue<T> {
  /** False when there is no room for it. */
  push(item: T, row: 'own' | 'others'): boolean
  /** Removes and returns the requests from outside. */
  giveUpOthers(): readonly T[]
}

export interface QueueOptions<T> {
  readonly othersAtMost: number
  readonly work: (item: T) => void
  /** Called whenever nothing is left. */
  readonly idle: () => void
}

export function createQueue<T extends object>(options: QueueOptions<T>): Queue<T> {
  const { othersAtMost, work, idle } = options
  const rows: Record<'own' | 'others', T[]> = { own: [], others: [] }
  let isWorking = false

  /** The network and the timers get their turn between two. */
  function workOnNext(): void {
    const next = rows.own.shift() ?? rows.others.shift()
    if (next) work(next)
    isWorking = rows.own.length + rows.others.length > 0
    if (isWorking) setImmediate(workOnNext)
    else idle()
  }

  return {
    push(item, row) {
      if (row === 'others' && rows.others.length >= othersAtMost) return false
      rows[row].push(item)
      if (!isWorking) setImmediate(workOnNext)
      isWorking = true
      return true
    },
    giveUpOthers: () => rows.others.splice(0),
  }
}
