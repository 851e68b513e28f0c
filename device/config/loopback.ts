/** The keypad page has no login, so it is reachable from this computer alone. */
import { BlockList, isIP } from 'node:net'
import type { Config } from './settings.ts'

const loopback = new BlockList()
loopback.addSubnet('127.0.0.0', 8)
loopback.addAddress('::1', 'ipv6')

const isLoopback = (host: string): boolean =>
  host === 'localhost' ||
  (isIP(host) !== 0 && loopback.check(host, isIP(host) === 6 ? 'ipv6' : 'ipv4'))

/**
 * Not a mistake of the file as a whole: the hardware can be set up by it, so people can leave a door
 * whose config is from an earlier version.
 */
export const exposedPage = ({ keypad }: Config): readonly string[] =>
  isLoopback(keypad.host)
    ? []
    : [
        'keypad.host must be an address of this computer alone, such as 127.0.0.1: the page there has no login. For tablets, set tablets.host.',
      ]

/** Where the page listens, whatever the config says. */
export const pageHost = ({ keypad }: Config): string =>
  isLoopback(keypad.host) ? keypad.host : '127.0.0.1'
