/**
 * Parts that wait. What talks to a service of AWS other than the tables is loaded with the first call
 * to it: one event needs a mail sent, another one a door told, few need everything. Each part has a
 * file of its own here, so that a function's bundle holds no part that it does not have.
 */

const loads = new WeakMap<object, () => Promise<unknown>>()

/** The port, and a note of how to load it. */
export function onFirstCall<Port extends object>(
  load: () => Promise<Port>,
  portOf: (it: () => Promise<Port>) => Port,
): Port {
  let loaded: Promise<Port> | undefined
  const it = () => {
    loaded ??= load()
    return loaded
  }
  const port = portOf(it)
  loads.set(port, it)
  return port
}

/** For what every event of a function needs: then it is part of starting, not of the first answer. */
export const loadedNow = async (...ports: readonly object[]): Promise<void> =>
  void (await Promise.all(ports.map((port) => loads.get(port)?.())))
