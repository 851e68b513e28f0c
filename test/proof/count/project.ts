/** Counts over all files of a project folder, product and tests apart. */
import { readdirSync, readFileSync } from 'node:fs'
import { dirname, join } from 'node:path'
import { type CodeCounts, countCode } from './code.ts'

export interface Counts {
  readonly figures: Readonly<Record<string, number>>
  /** One line for each finding. */
  readonly details: readonly string[]
}

const productFolders = [
  'device',
  'cloud',
  'protocol',
  'keypad-ui',
  'terminal',
  'simulation',
  'scripts',
  'systemd',
]
const notText = /\.(json|svg|png|jpg|jpeg|ico|mkv|mp4|h264)$/
const mostFilesInFolder = 15

/** Words that the style of this project avoids. */
const avoided =
  /\b(whoever|nobody|somebody|told|tells? of|wish(es|ed)?|mend(s|ed)?|alas|as far as can be)\b/gi

interface File {
  readonly path: string
  readonly text: string
  readonly code: CodeCounts | null
}

export function countProject(folder: string): Counts {
  const product = productFolders.flatMap((name) => filesIn(folder, name))
  const tests = filesIn(folder, 'test')
  const documents = [...filesIn(folder, 'docs'), ...markdownIn(folder)]
  const used = usedExports([...product, ...tests])
  const usedByProduct = usedExports(product)
  const unused = exportsOf(product).filter((one) => !used.has(one))
  const usedByTestsOnly = exportsOf(product).filter(
    (one) => used.has(one) && !usedByProduct.has(one),
  )
  const [ofProduct, ofTests] = [measure(product), measure(tests)]
  return {
    figures: {
      ...labelled('product', ofProduct),
      'product: exports that no file imports': unused.length,
      'product: exports that only tests import': usedByTestsOnly.length,
      ...labelled('tests', ofTests),
      'documents: lines': sum(documents.map(linesIn)),
      'documents: avoided words': sum(documents.map(({ text }) => avoidedIn(text))),
    },
    details: [
      ...ofProduct.long.map((one) => `long function: ${one}`),
      ...ofProduct.wide.map((one) => `more than 4 parameters: ${one}`),
      ...[...ofProduct.full, ...ofTests.full].map((one) => `more than 15 files: ${one}`),
      ...unused.map((one) => `no file imports: ${one}`),
      ...usedByTestsOnly.map((one) => `only tests import: ${one}`),
      ...product.filter((one) => wordsOf(one) > 0).map((one) => `avoided words: ${one.path}`),
    ],
  }
}

function measure(files: readonly File[]) {
  const code = files.flatMap((file) => (file.code ? [{ ...file.code, path: file.path }] : []))
  return {
    lines: sum(files.map(linesIn)),
    files: files.length,
    functions: sum(code.map(({ functions }) => functions)),
    long: code.flatMap(({ path, longFunctions }) =>
      longFunctions.map(({ name, lines }) => `${path} ${name} (${lines} lines)`),
    ),
    wide: code.flatMap(({ path, wideFunctions }) => wideFunctions.map((name) => `${path} ${name}`)),
    full: fullFolders(files),
    words: sum(files.map(wordsOf)),
  }
}

const labelled = (of: string, counts: ReturnType<typeof measure>) => ({
  [`${of}: lines`]: counts.lines,
  [`${of}: files`]: counts.files,
  [`${of}: functions`]: counts.functions,
  [`${of}: functions above 60 lines`]: counts.long.length,
  [`${of}: functions with more than 4 parameters`]: counts.wide.length,
  [`${of}: folders with more than 15 files`]: counts.full.length,
  [`${of}: avoided words`]: counts.words,
})

// ---------------------------------------------------------------- files

function filesIn(root: string, folder: string): readonly File[] {
  try {
    return readdirSync(join(root, folder), { recursive: true, withFileTypes: true })
      .filter((entry) => entry.isFile() && !notText.test(entry.name))
      .map(({ parentPath, name }) => join(parentPath, name).slice(root.length + 1))
      .sort()
      .map((path) => fileAt(root, path))
  } catch {
    return []
  }
}

const markdownIn = (root: string): readonly File[] =>
  readdirSync(root)
    .filter((name) => name.endsWith('.md'))
    .map((path) => fileAt(root, path))

function fileAt(root: string, path: string): File {
  const text = readFileSync(join(root, path), 'utf8')
  return { path, text, code: path.endsWith('.ts') ? countCode(path, text) : null }
}

const linesIn = ({ text }: File): number => text.split('\n').length - 1

function fullFolders(files: readonly File[]): readonly string[] {
  const folders = Map.groupBy(files, ({ path }) => dirname(path))
  return [...folders]
    .filter(([, inside]) => inside.length > mostFilesInFolder)
    .map(([folder, inside]) => `${folder} (${inside.length})`)
}

// ---------------------------------------------------------------- exports and words

const exportsOf = (files: readonly File[]): readonly string[] =>
  files.flatMap(({ path, code }) => code?.exports.map((name) => `${path} ${name}`) ?? [])

function usedExports(files: readonly File[]): ReadonlySet<string> {
  const exported = Map.groupBy(
    files.flatMap(({ path, code }) => code?.exports.map((name) => ({ path, name })) ?? []),
    ({ path }) => path,
  )
  const names = files.flatMap(({ code }) =>
    (code?.imports ?? []).flatMap(({ file, name }) =>
      name === '*'
        ? (exported.get(file) ?? []).map((one) => `${file} ${one.name}`)
        : `${file} ${name}`,
    ),
  )
  return new Set(names)
}

const avoidedIn = (text: string): number => text.match(avoided)?.length ?? 0

/** In names, a word starts at a capital: `wasTold`. */
const wordsIn = (names: string): string => names.replace(/([a-z])([A-Z])/g, '$1 $2')

const wordsOf = ({ text, code }: File): number =>
  code ? avoidedIn(code.prose) + avoidedIn(wordsIn(code.names)) : avoidedIn(text)

const sum = (numbers: readonly number[]): number => numbers.reduce((total, one) => total + one, 0)
