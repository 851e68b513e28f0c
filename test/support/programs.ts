/** Whether a program is there that a test can't do without. */
import { spawnSync } from 'node:child_process'

export const hasProgram = (name: string): boolean =>
  spawnSync(name, ['-version'], { stdio: 'ignore' }).error === undefined
