/** The Pi's config.txt, in which the firmware finds how to set pins before any program runs. */
import { existsSync, readFileSync } from 'node:fs'

const usualPaths = ['/boot/firmware/config.txt', '/boot/config.txt']

/** Null where there is none. */
export const firmwareConfig = (paths: readonly string[] = usualPaths): string | null =>
  paths.find((path) => existsSync(path)) ?? null

/** Which of these lines it lacks: all of them where there is none. */
export function missingLines(path: string | null, wanted: readonly string[]): readonly string[] {
  const lines = path === null ? [] : readFileSync(path, 'utf8').split('\n')
  return wanted.filter((line) => !lines.includes(line))
}
