/** Ports that load their adapter, and with it an SDK client, at the first call. */

const loads = new WeakMap<object, () => Promise<unknown>>()

/** For ports whose methods are all asynchronous. */
export function lazy<Port extends object>(load: () => Promise<Port>): Port {
  let loading: Promise<Port> | undefined
  const loaded = () => {
    loading ??= load()
    return loading
  }
  const call =
    (name: string) =>
    async (...args: unknown[]) => {
      const port: object = await loaded()
      return Reflect.get(port, name)(...args)
    }
  const nothing: Port = Object.create(null)
  const port = new Proxy(nothing, {
    // A `then` would make a promise of every port that is awaited.
    get: (_, name) => (typeof name === 'symbol' || name === 'then' ? undefined : call(name)),
  })
  loads.set(port, loaded)
  return port
}

/** Loads now what would be loaded at the first call. */
export const loadNow = async (ports: readonly unknown[]): Promise<void> =>
  void (await Promise.all(ports.map((port) => loads.get(Object(port))?.())))
