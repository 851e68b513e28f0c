/** The files that belong to the project: what git keeps, or would keep if it were told to. */
import { execFileSync } from 'node:child_process'
import { existsSync } from 'node:fs'
import { join } from 'node:path'

export const root = join(import.meta.dirname, '../..')

export function projectFiles(folder = root): readonly string[] {
  // A container often runs the tests as somebody else than the owner of the files.
  const git = ['-c', 'safe.directory=*', 'ls-files', '-z']
  const list = execFileSync('git', [...git, '--cached', '--others', '--exclude-standard'], {
    cwd: folder,
    encoding: 'utf8',
  })
  const files = [...new Set(list.split('\0').filter((path) => path !== ''))]
  return files.filter((path) => existsSync(join(folder, path))).sort()
}
