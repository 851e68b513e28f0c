/** All ports of a door, scanned from another network. */
import { execFile } from 'node:child_process'
import { promisify } from 'node:util'
import { expect, test } from 'vitest'
import { runDoor } from '../../../support/door/running-door.ts'
import { isProof } from '../../../support/effort.ts'
import { recordFigure } from '../../../support/figure.ts'
import { missingForNetworks, twoNetworks } from './two-networks.ts'

/** Prints the ports at which a connection is accepted. */
const scan = `
  const { connect } = require('node:net')
  const host = process.argv[1]
  const open = []
  let next = 1
  const look = () => {
    if (next > 65535) return
    const port = next++
    const socket = connect({ host, port, timeout: 2000 })
    const end = (isOpen) => { if (isOpen) open.push(port); socket.destroy(); look() }
    socket.once('connect', () => end(true)).once('error', () => end(false)).once('timeout', () => end(false))
  }
  for (let at = 0; at < 200; at += 1) look()
  process.on('exit', () => console.log(JSON.stringify(open)))`

const tabletsPort = 4143
const configs = [
  {},
  { keypad: { host: '0.0.0.0', port: 0 } },
  // The control: the scan finds what listens.
  { tablets: { host: '0.0.0.0', port: tabletsPort } },
]

test.runIf(isProof && missingForNetworks().length === 0)(
  'only the port for tablets is open beyond loopback, and none if there is no tablet',
  async (context) => {
    const net = twoNetworks()
    const openPorts = async (): Promise<readonly number[]> => {
      const [program = '', ...args] = [...net.within, process.execPath, '-e', scan, net.cloudHost]
      return JSON.parse((await promisify(execFile)(program, args)).stdout)
    }
    const scans: (readonly number[])[] = []
    try {
      const before = await openPorts()
      for (const config of configs) {
        const door = await runDoor({ config })
        if ('tablets' in config) {
          await expect.poll(() => door.output.join()).toContain('tablets can connect')
        }
        scans.push(await openPorts())
        await door.close()
      }
      // Other programs on this machine listen too.
      const others = new Set([...before, ...(await openPorts())])
      const ofDoor = scans.map((ports) => ports.filter((port) => !others.has(port)))
      expect(ofDoor).toEqual([[], [], [tabletsPort]])
      recordFigure(context, '65,535 ports, open only the one for tablets')
    } finally {
      net.remove()
    }
  },
)
