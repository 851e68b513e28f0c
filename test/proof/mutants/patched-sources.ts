/** Copies of this project with a planted defect. */
import {
  cpSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  statSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs'
import { tmpdir } from 'node:os'
import { dirname, join } from 'node:path'
import { projectFiles, root } from '../../support/project-files.ts'

/** `from` must occur exactly once in the file. */
export interface Edit {
  readonly file: string
  readonly from: string
  readonly to: string
}

/** The sources have changed, so that the defect can no longer be planted as described. */
class StaleEdit extends Error {
  override readonly name = 'StaleEdit'
  constructor({ file, from }: Edit, found: number) {
    super(`${file} contains this text ${found} times instead of once: ${from}`)
  }
}

/** The new text of every edited file. */
export function applyEdits(edits: readonly Edit[]): ReadonlyMap<string, string> {
  const texts = new Map<string, string>()
  for (const edit of edits) {
    const text = texts.get(edit.file) ?? readFileSync(join(root, edit.file), 'utf8')
    const parts = text.split(edit.from)
    if (parts.length !== 2) throw new StaleEdit(edit, parts.length - 1)
    texts.set(edit.file, parts.join(edit.to))
  }
  return texts
}

/** The whole project with these edits, in a folder of its own. */
export function patchedSources(edits: readonly Edit[]): { folder: string; remove(): void } {
  const edited = applyEdits(edits)
  const folder = mkdtempSync(join(tmpdir(), 'smart-door-patched-'))
  for (const path of projectFiles()) {
    mkdirSync(join(folder, dirname(path)), { recursive: true })
    const text = edited.get(path)
    if (text === undefined) cpSync(join(root, path), join(folder, path))
    else writeFileSync(join(folder, path), text, { mode: statSync(join(root, path)).mode })
  }
  linkModules(folder)
  return { folder, remove: () => rmSync(folder, { recursive: true, force: true }) }
}

/** One link for each package, so that the compile cache of this project is not shared. */
function linkModules(folder: string): void {
  const modules = join(root, 'node_modules')
  mkdirSync(join(folder, 'node_modules'))
  for (const name of readdirSync(modules).filter((one) => !one.startsWith('.cache'))) {
    symlinkSync(join(modules, name), join(folder, 'node_modules', name))
  }
}
