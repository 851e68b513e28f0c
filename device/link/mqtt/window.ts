/**
 * How much may be on the way at once. What does not fit waits in here, in order; what waits too
 * long a row is turned away, because the real queue is on the disk.
 */
export interface Window {
  /** Does it as soon as there is room; rejects when the row is full or everything is given up. */
  through(send: () => Promise<void>): Promise<void>
  /** Rejects all that waits or is on the way, whatever may still come of it. */
  giveUp(fault: Error): void
}

interface Parcel {
  readonly send: () => Promise<void>
  readonly taken: () => void
  readonly lost: (fault: unknown) => void
}

export function boundedWindow(onTheWayAtMost: number, waitingAtMost: number): Window {
  const onTheWay = new Set<Parcel>()
  let waiting: Parcel[] = []

  function fill(): void {
    while (onTheWay.size < onTheWayAtMost) {
      const parcel = waiting.shift()
      if (!parcel) return
      onTheWay.add(parcel)
      parcel.send().then(
        () => settle(parcel, parcel.taken),
        (fault: unknown) => settle(parcel, () => parcel.lost(fault)),
      )
    }
  }

  /** Nothing, when it was given up before. */
  function settle(parcel: Parcel, tell: () => void): void {
    if (!onTheWay.delete(parcel)) return
    tell()
    fill()
  }

  return {
    through: (send) =>
      new Promise((taken, lost) => {
        if (waiting.length >= waitingAtMost) return lost(new Error('Too much is waiting.'))
        waiting.push({ send, taken, lost })
        fill()
      }),

    giveUp(fault) {
      const all = [...onTheWay, ...waiting]
      onTheWay.clear()
      waiting = []
      for (const { lost } of all) lost(fault)
    },
  }
}
