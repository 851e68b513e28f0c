/** What the project's documents claim about the project, in a form that can be checked. */
import { posix } from 'node:path'

export interface TreeLine {
  readonly path: string
  readonly isFolder: boolean
}

/**
 * The block under the heading "The tree": a path segment is the first word of each line, two more
 * spaces are one level deeper, and a line that begins with an ellipsis leaves something out.
 */
export function treeIn(markdown: string): readonly TreeLine[] {
  const block = /^## The tree\s*\n+```\w*\n(.*?)^```/ms.exec(markdown)?.[1]
  if (block === undefined) return []
  const above: string[] = []
  return block.split('\n').flatMap((line) => {
    const [, indent = '', word] = /^( *)(\S+)/.exec(line) ?? []
    if (word === undefined || /^(…|\.\.\.)/.test(word)) return []
    const level = indent.length / 2
    above.length = Math.floor(level)
    above.push(word)
    return [{ path: posix.join(...above).replace(/\/$/, ''), isFolder: word.endsWith('/') }]
  })
}

/** What the drawn tree has and the disk has not, and the folders that are not drawn. */
export function treeMistakes(tree: readonly TreeLine[], files: readonly string[]): string[] {
  const all = new Set(files)
  const folders = new Set(files.flatMap(foldersOf))
  const drawn = new Set(tree.map(({ path }) => path))
  const missing = tree
    .filter(({ path, isFolder }) => !(isFolder ? folders : all).has(path))
    .map(({ path, isFolder }) => `${path}${isFolder ? '/' : ''} is drawn, but not there`)
  const unnamed = [...folders]
    .filter((folder) => folder.split('/').length <= 2 && !drawn.has(folder))
    .map((folder) => `${folder}/ is there, but not drawn`)
  return [...missing, ...unnamed]
}

/** Every folder above a file. */
export const foldersOf = (file: string): string[] =>
  file
    .split('/')
    .slice(0, -1)
    .map((_, at, names) => names.slice(0, at + 1).join('/'))

const withoutBlocks = (markdown: string): string => markdown.replace(/^```.*?^```/gms, '')

/** Names of npm scripts that a document tells its reader to run. */
export function scriptsIn(markdown: string): string[] {
  const named = [...markdown.matchAll(/\bnpm run ([\w:-]+)/g)].map(([, name = '']) => name)
  const short = [...markdown.matchAll(/\bnpm (start|test)\b/g)].map(([, name = '']) => name)
  return [...new Set([...named, ...short])]
}

/** Targets of links that do not leave the repository, by their path from its root. */
export function linksIn(markdown: string, document: string): string[] {
  return [...withoutBlocks(markdown).matchAll(/\]\(<?([^)\s>]+)/g)]
    .map(([, target = '']) => target)
    .filter((target) => !/^(\w+:|#|\/\/)/.test(target))
    .map((target) => target.replace(/[#?].*$/, ''))
    .map((target) => posix.join(posix.dirname(document), target).replace(/\/$/, ''))
}

/**
 * Words in backticks that can only be meant as paths: they start in a folder of the project, or
 * have slashes and end as a file does. `zod/mini` is neither.
 */
export function pathsIn(markdown: string, files: readonly string[]): string[] {
  const tops = new Set(files.map((file) => file.split('/')[0]))
  return [...withoutBlocks(markdown).matchAll(/`([^`\s]+)`/g)]
    .map(([, word = '']) => word)
    .filter((word) => /^[\w.][\w./-]*$/.test(word) && word.includes('/'))
    .map((word) => posix.normalize(word).replace(/\/$/, ''))
    .filter((path) => tops.has(path.split('/')[0] ?? '') || /\.[a-z]{1,7}$/.test(path))
}

/**
 * Things that are true of one machine only. Made of pieces, or the file that looks for them would
 * be found itself.
 */
const foreign: readonly (readonly [string, RegExp])[] = [
  [
    "a folder on somebody's machine",
    new RegExp(`(?<![\\w.~*}-])/(${['home', 'root', 'work', 'Users'].join('|')})/[\\w.-]`),
  ],
  [
    'a package registry',
    new RegExp(`\\b(${['registry', 'npm', 'pypi'].join('|')})\\.\\w[\\w-]*\\.\\w+`),
  ],
  ['a package registry', new RegExp(['arti', 'factory|verd', 'accio|jf', 'rog'].join(''), 'i')],
]

export function foreignWordsIn(text: string): string[] {
  return text.split('\n').flatMap((line, at) =>
    foreign.flatMap(([what, pattern]) => {
      const found = pattern.exec(line)?.[0]
      return found === undefined ? [] : [`${at + 1}: ${found} is ${what}`]
    }),
  )
}
