/** A port with some methods replaced. Ports may be proxies, which cannot be spread. */
export const replacing = <Port extends object>(port: Port, changes: Partial<Port>): Port =>
  new Proxy(port, {
    get: (target, name) => Reflect.get(name in changes ? changes : target, name),
  })
