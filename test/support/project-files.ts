/** The files of the project: those that git tracks, and new ones that it does not ignore. */
import { execFileSync } from 'node:child_process'
import { existsSync } from 'node:fs'
import { join } from 'node:path'

export const root = join(import.meta.dirname, '../..')

export function projectFiles(folder = root): readonly string[] {
  // In a container the tests often run as another user than the owner of the files.
  const git = ['-c', 'safe.directory=*', 'ls-files', '-z']
  const list = execFileSync('git', [...git, '--cached', '--others', '--exclude-standard'], {
    cwd: folder,
    encoding: 'utf8',
  })
  const files = [...new Set(list.split('\0').filter((path) => path !== ''))]
  return files.filter((path) => existsSync(join(folder, path))).sort()
}
