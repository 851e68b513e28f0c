/**
 * The SDK's files import from shelves, such as `@smithy/core/protocols`, that hand on what many files
 * make. Where a bundle is split into parts, all that lies on a shelf ends up in the part that is
 * loaded first, however late it is needed. So each import names the file that makes the thing.
 */
import { readFileSync } from 'node:fs'
import { findPackageJSON } from 'node:module'
import { dirname, join } from 'node:path'

const fromShelf = /import \{([^}]+)\} from "(@(?:smithy|aws-sdk)\/core\/[\w-]+)";/g

export const withDirectImports = (source: string, path: string): string =>
  source.replace(fromShelf, (_, names: string, shelf: string) =>
    listOf(names)
      .map((one) => {
        const maker = makerOf(one.split(' as ')[0] ?? '', shelf, path)
        return `import { ${one} } from ${JSON.stringify(maker)};`
      })
      .join('\n'),
  )

const listOf = (names: string): string[] =>
  names
    .split(',')
    .map((one) => one.trim())
    .filter((one) => one !== '')

/** The shelf itself where it makes the thing, or is replaced as a whole. */
function makerOf(name: string, shelf: string, importer: string): string {
  if (shelf === '@smithy/core/event-streams') return shelf
  const maker = makersOn(folderOf(shelf, importer)).get(name)
  // One shelf may hand on what lies on another.
  return maker?.startsWith('@') ? makerOf(name, maker, importer) : (maker ?? shelf)
}

function folderOf(shelf: string, importer: string): string {
  const [scope = '', name = '', folder = ''] = shelf.split('/')
  const described = findPackageJSON(`${scope}/${name}`, importer)
  if (described === undefined) throw new Error(`${importer} asks for ${shelf}, which is not there`)
  return join(dirname(described), 'dist-es/submodules', folder)
}

const remembered = new Map<string, ReadonlyMap<string, string>>()

/** By the name of each thing the file that makes it, or the shelf that it comes from. */
function makersOn(folder: string): ReadonlyMap<string, string> {
  const known = remembered.get(folder)
  if (known) return known
  const source = readFileSync(join(folder, 'index.js'), 'utf8')
  const makers = new Map<string, string>()
  for (const [, names = '', file = ''] of source.matchAll(/^export \{([^}]+)\} from "(.+)";$/gm)) {
    const maker = file.startsWith('.') ? join(folder, file) : file
    for (const name of listOf(names)) makers.set(name, maker)
  }
  remembered.set(folder, makers)
  return makers
}
