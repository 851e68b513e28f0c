/** Whether a program that a test needs is installed. */
import { spawnSync } from 'node:child_process'

export const hasProgram = (name: string): boolean =>
  spawnSync(name, ['-version'], { stdio: 'ignore' }).error === undefined
