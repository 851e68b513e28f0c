import { existsSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { describe, expect, test } from 'vitest'
import * as z from 'zod/mini'
import {
  foldersOf,
  foreignWordsIn,
  linksIn,
  pathsIn,
  scriptsIn,
  treeIn,
  treeMistakes,
} from './claims.ts'
import { projectFiles, root } from './project-files.ts'

const files = projectFiles()
const textOf = (path: string) => readFileSync(join(root, path), 'utf8')
const documents = ['README.md', 'ARCHITECTURE.md']

describe('the tree in the README', () => {
  test('is the tree on disk', () => {
    const tree = treeIn(textOf('README.md'))
    expect(tree.length).toBeGreaterThan(10)
    expect(treeMistakes(tree, files)).toEqual([])
  })

  const drawing = [
    '## The tree',
    '',
    '```text',
    'README.md',
    'device/            the daemon',
    '  main.ts          where it starts',
    '  core/            decisions',
    '    door.ts',
    '  …                more',
    'test/              mirrors the tree',
    '```',
  ].join('\n')
  const disk = [
    'README.md',
    'device/main.ts',
    'device/core/door/decide.ts',
    'device/core/deep/x.ts',
    'test/a.ts',
  ]

  test('is read as it is drawn', () => {
    expect(treeIn(drawing).map(({ path, isFolder }) => (isFolder ? `${path}/` : path))).toEqual([
      'README.md',
      'device/',
      'device/main.ts',
      'device/core/',
      'device/core/door/decide.ts',
      'test/',
    ])
    expect(treeMistakes(treeIn(drawing), disk)).toEqual([])
    expect(treeIn('## Another heading\n\n```text\na/\n```\n')).toEqual([])
  })

  test.each([
    [
      'device/core/door/decide.ts is drawn, but not there',
      disk.filter((path) => !path.endsWith('door.ts')),
    ],
    ['test/ is drawn, but not there', disk.filter((path) => !path.startsWith('test/'))],
    ['cloud/ is there, but not drawn', [...disk, 'cloud/x.ts']],
    ['device/http/ is there, but not drawn', [...disk, 'device/http/x.ts']],
  ])('is found out: %s', (mistake, changed) => {
    expect(treeMistakes(treeIn(drawing), changed)).toEqual([mistake])
  })
})

describe.each(documents)('%s', (document) => {
  test('names only npm scripts that exist', () => {
    const { scripts } = z.parse(
      z.object({ scripts: z.record(z.string(), z.string()) }),
      JSON.parse(textOf('package.json')),
    )
    expect(scriptsIn(textOf(document)).filter((name) => !(name in scripts))).toEqual([])
  })

  test('links and points only to what exists', () => {
    const text = textOf(document)
    const named = [...linksIn(text, document), ...pathsIn(text, files)]
    expect(named.filter((path) => !existsSync(join(root, path)))).toEqual([])
  })
})

describe('what is read out of a document', () => {
  test('npm scripts, wherever they are named', () => {
    const text = 'Run `npm run check`.\n```sh\nnpm ci && npm test\nnpm run bench -- --json\n```\n'
    expect(scriptsIn(text)).toEqual(['check', 'bench', 'test'])
  })

  test('links within the repository, and no others', () => {
    const text = [
      '[a](ARCHITECTURE.md#shape) [b](https://example.org/x) [c](#here) [d](./docs/)',
      '![picture](docs/door.svg "A door")',
      '```md',
      '[not a link](nowhere.md)',
      '```',
    ].join('\n')
    expect(linksIn(text, 'README.md')).toEqual(['ARCHITECTURE.md', 'docs', 'docs/door.svg'])
    expect(linksIn('[up](../README.md)', 'docs/more.md')).toEqual(['README.md'])
  })

  test('paths in backticks, and nothing that only looks a little like one', () => {
    const text =
      'See `device/core/gone.ts`, `device/gone/`, `other/file.json`, `./scripts/node`; but not ' +
      '`zod/mini`, `text/event-stream`, `/etc/passwd`, `door/v1/<id>`, `a b/c.ts`, `core/`.'
    expect(pathsIn(text, ['device/main.ts', 'scripts/node'])).toEqual([
      'device/core/gone.ts',
      'device/gone',
      'other/file.json',
      'scripts/node',
    ])
  })
})

describe('nothing in the project', () => {
  test('depends on one machine', () => {
    const found = files
      .map((path) => ({ path, text: textOf(path) }))
      .filter(({ text }) => !text.includes('\0'))
      .flatMap(({ path, text }) => foreignWordsIn(text).map((word) => `${path}:${word}`))
    expect(found).toEqual([])
  })

  const folder = (name: string) => `/${name}/somebody/door`

  test.each([
    `const path = '${folder('home')}'`,
    `cd ${folder('root')}`,
    folder('work'),
    `(${folder('Users')})`,
    `"resolved": "https://${'registry'}.example.org/zod"`,
    `see ${'verd'}accio`,
  ])('would get away with: %s', (line) => {
    expect(foreignWordsIn(`fine\n${line}`)).toEqual([expect.stringMatching(/^2: /)])
  })

  test.each([
    `test${folder('work')}`,
    `https://example.org${folder('home')}`,
    `./${'root'}/x`,
    'the Windows registry. It is old.',
    'npm run check',
  ])('is accused for: %s', (line) => {
    expect(foreignWordsIn(line)).toEqual([])
  })
})

test('the files of the project are seen', () => {
  expect(files).toContain('protocol/messages.ts')
  expect(files.flatMap(foldersOf)).toContain('device/core')
  expect(files.some((path) => path.startsWith('node_modules/'))).toBe(false)
})
