/** Memory and processor time of a process, from the kernel. */
import { readFileSync } from 'node:fs'

/** The tick in which Linux reports times. */
const tickMs = 10

export function cpuMs(pid: number): number {
  const stat = readFileSync(`/proc/${pid}/stat`, 'utf8')
  // The second field is the program's name in brackets, which may contain spaces.
  const fields = stat.slice(stat.lastIndexOf(')') + 2).split(' ')
  const [userTicks, systemTicks] = [fields[11], fields[12]].map(Number)
  return ((userTicks ?? 0) + (systemTicks ?? 0)) * tickMs
}

export function memoryOf(pid: number): { residentMb: number; anonymousMb: number } {
  const status = readFileSync(`/proc/${pid}/status`, 'utf8')
  const megabytes = (name: string) =>
    Number(new RegExp(`^${name}:\\s+(\\d+) kB`, 'm').exec(status)?.[1]) / 1024
  return { residentMb: megabytes('VmRSS'), anonymousMb: megabytes('RssAnon') }
}
