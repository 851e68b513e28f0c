import { mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { describe, expect, test } from 'vitest'
import * as z from 'zod/mini'
import {
  arrows,
  brokenArrows,
  impurities,
  packageOf,
  readSources,
  valuesFromCore,
} from './import-arrows.ts'
import { importsOf, tokensOf } from './source-scan.ts'

const root = join(import.meta.dirname, '../..')
const sources = readSources(root)

/** Code in these tests is made of pieces, so that this file does not seem to import it itself. */
const from = (clause: string, specifier: string) => `${'import'} ${clause} from '${specifier}'\n`

describe('the tree on disk', () => {
  test('is seen', () => {
    for (const path of [
      'protocol/messages.ts',
      'device/core/door/decide.ts',
      'test/architecture/imports.test.ts',
    ]) {
      expect(sources.has(path), path).toBe(true)
    }
  })

  test('breaks no arrow', () => {
    expect(brokenArrows(sources)).toEqual([])
  })

  test('keeps its cores pure', () => {
    expect(impurities(sources)).toEqual([])
  })

  test('takes no function out of a core where only types and constants may be taken', async () => {
    const taken = valuesFromCore(sources)
    const functions = await Promise.all(
      taken.map(async ({ path, core, name }) => {
        const module: Record<string, unknown> = await import(join(root, core))
        return typeof module[name] === 'function' || name === '*' ? `${path}: ${name}` : null
      }),
    )
    expect(functions.filter((problem) => problem !== null)).toEqual([])
  })

  test('runs on packages that are installed without the development ones too', () => {
    const { dependencies, optionalDependencies } = z.parse(
      z.object({
        dependencies: z.record(z.string(), z.string()),
        optionalDependencies: z.record(z.string(), z.string()),
      }),
      JSON.parse(readFileSync(join(root, 'package.json'), 'utf8')),
    )
    const installed = new Set(Object.keys({ ...dependencies, ...optionalDependencies }))
    const missing = [...sources]
      .filter(([path]) => /^(protocol|device|keypad-ui)\//.test(path))
      .flatMap(([path, text]) =>
        importsOf(tokensOf(text))
          .filter(({ typeOnly }) => !typeOnly)
          .map(({ specifier }) => specifier ?? '.')
          .filter((specifier) => !/^(\.|node:)/.test(specifier))
          .filter((specifier) => !installed.has(packageOf(specifier)))
          .map((specifier) => `${path}: ${specifier}`),
      )
    expect(missing).toEqual([])
  })
})

describe('the reader of imports', () => {
  const read = (text: string) =>
    importsOf(tokensOf(text)).map(({ specifier, typeOnly, values }) => ({
      specifier,
      typeOnly,
      values,
    }))

  test.each([
    [from('{ a, type B, c as d }', './x.ts'), { specifier: './x.ts', values: ['a', 'c'] }],
    [from('type { A }', './x.ts'), { specifier: './x.ts', typeOnly: true }],
    [from('{ type A }', './x.ts'), { specifier: './x.ts' }],
    [from('* as all', 'x'), { specifier: 'x', values: ['*'] }],
    [from('one, { two }', 'x'), { specifier: 'x', values: ['default', 'two'] }],
    [from('type', 'x'), { specifier: 'x', values: ['default'] }],
    [`${'import'} 'x'`, { specifier: 'x' }],
    ["export * from './x.ts'", { specifier: './x.ts', values: ['*'] }],
    ["export * as all from './x.ts'", { specifier: './x.ts', values: ['*'] }],
    ["export { a } from './x.ts'", { specifier: './x.ts', values: ['a'] }],
    ["export type { A } from './x.ts'", { specifier: './x.ts', typeOnly: true }],
    ["const x = await import('./x.ts')", { specifier: './x.ts', values: ['*'] }],
    ["type X = import('./x.ts').X", { specifier: './x.ts', values: ['*'] }],
    [from('{ type as kind }', 'x'), { specifier: 'x', values: ['type'] }],
    ["const x = a / (await import('./x.ts')).b / 2", { specifier: './x.ts', values: ['*'] }],
    ["import.meta.url; export { a } from './x.ts'", { specifier: './x.ts', values: ['a'] }],
    ['await import(name)', { specifier: null, values: ['*'] }],
    [`await import(\`./\${name}.ts\`)`, { specifier: null, values: ['*'] }],
  ])('sees %s', (text, expected) => {
    expect(read(text)).toEqual([{ typeOnly: false, values: [], ...expected }])
  })

  test.each([
    ["// import { a } from 'x'"],
    ["/* import 'x' */"],
    ['const text = "import \'x\'"'],
    ["const text = `import { a } from 'x'`"],
    [`const text = \`\${a}\${b} import 'x'\``],
    ['const pattern = /import("x")/'],
    ['const here = import.meta.url'],
    ["box.import('x')"],
    ["export const from = 'x'"],
    ['export { a }\nconst from = 1'],
  ])('is not fooled by %s', (text) => {
    expect(read(text)).toEqual([])
  })

  test('finds its way through templates and regular expressions', () => {
    const text = `const a = \`{\${ /[}'\`]/.test(b) ? \`}\${c}\` : d / 2 }'\`\n${from('{ x }', 'y')}`
    expect(read(text)).toEqual([{ specifier: 'y', typeOnly: false, values: ['x'] }])
    expect(importsOf(tokensOf(text))[0]?.line).toBe(2)
  })
})

describe('the check of arrows', () => {
  const existing = [
    'protocol/messages.ts',
    'protocol/keypad-api.ts',
    'device/core/door/decide.ts',
    'device/daemon/ports.ts',
    'device/daemon/daemon.ts',
    'device/main.ts',
    'device/cli/smart-door.ts',
    'device/gpio/lock.ts',
    'device/store/sqlite/store.ts',
    'device/http/keypad-app.ts',
    'cloud/visits/core/visit.ts',
    'cloud/ports.ts',
    'cloud/functions/door-events.ts',
    'simulation/home/home.ts',
    'keypad-ui/page.ts',
    'test/support/clock.ts',
  ]
  /** What the check says about one file in an otherwise blameless tree. */
  const verdictOn = (path: string, text: string) =>
    brokenArrows(new Map([...existing.map((one) => [one, ''] as const), [path, text]]))

  test.each([
    [
      'protocol/x.ts',
      '{ a }',
      '../device/core/door.ts',
      'may not import device/core/door/decide.ts',
    ],
    ['protocol/x.ts', '{ a }', 'node:fs', 'may not import node:fs'],
    ['protocol/x.ts', '{ a }', 'fastify', 'may not import npm:fastify'],
    ['device/core/x.ts', '* as z', 'zod/mini', 'may not import npm:zod/mini'],
    ['device/core/x.ts', 'type { A }', '../ports.ts', 'may not import device/daemon/ports.ts'],
    ['device/core/x.ts', '{ a }', 'node:crypto', 'may not import node:crypto'],
    [
      'device/core/x.ts',
      'type { A }',
      '../../cloud/visits/core/visit.ts',
      'may not import cloud/visits/core/visit.ts',
    ],
    [
      'device/daemon/ports.ts',
      '{ a }',
      './core/door.ts',
      'may import only types from device/core/door/decide.ts',
    ],
    ['device/daemon/ports.ts', 'type { A }', 'better-sqlite3', 'may not import npm:better-sqlite3'],
    [
      'device/adapters/x.ts',
      '{ a }',
      './lock-gpio.ts',
      'is part of x and may not import another adapter, lock-gpio',
    ],
    ['device/adapters/x.ts', '{ a }', '../daemon.ts', 'may not import device/daemon/daemon.ts'],
    [
      'device/adapters/x.ts',
      '{ a }',
      '../http/keypad-app.ts',
      'may not import device/http/keypad-app.ts',
    ],
    ['device/http/x.ts', '{ a }', '../adapters/lock-gpio.ts', 'may not import device/gpio/lock.ts'],
    ['device/http/x.ts', '{ a }', 'better-sqlite3', 'may not import npm:better-sqlite3'],
    ['device/x.ts', '{ a }', './adapters/lock-gpio.ts', 'may not import device/gpio/lock.ts'],
    ['device/x.ts', '{ a }', './main.ts', 'may not import device/main.ts'],
    ['device/main.ts', '{ a }', './cli/smart-door.ts', 'may not import device/cli/smart-door.ts'],
    [
      'device/main.ts',
      '{ a }',
      '../cloud/core/visit.ts',
      'may not import cloud/visits/core/visit.ts',
    ],
    ['device/main.ts', '{ a }', '../simulation/home.ts', 'may not import simulation/home/home.ts'],
    ['device/main.ts', '{ a }', '../test/support/clock.ts', 'may not import test/support/clock.ts'],
    [
      'cloud/core/x.ts',
      'type { A }',
      '../../device/daemon/ports.ts',
      'may not import device/daemon/ports.ts',
    ],
    [
      'cloud/functions/x.ts',
      '{ a }',
      './door-events.ts',
      'may not import cloud/functions/door-events.ts',
    ],
    ['cloud/web/x.ts', '{ a }', 'fastify', 'may not import npm:fastify'],
    [
      'keypad-ui/x.ts',
      '{ a }',
      '../protocol/keypad-api.ts',
      'may import only types from protocol/keypad-api.ts',
    ],
    [
      'keypad-ui/x.ts',
      'type { A }',
      '../protocol/messages.ts',
      'may not import protocol/messages.ts',
    ],
    ['keypad-ui/x.ts', '* as z', 'zod/mini', 'may not import npm:zod/mini'],
    [
      'simulation/x.ts',
      '{ a }',
      '../test/support/clock.ts',
      'may not import test/support/clock.ts',
    ],
    ['scripts/x.ts', '{ a }', '../device/main.ts', 'may not import device/main.ts'],
    ['test/x.ts', '{ a }', '../device/gone.ts', 'imports device/gone.ts, which does not exist'],
    ['device/x.ts', '{ z }', 'zod/mini', "zod is always `import * as z from 'zod/mini'`"],
    ['device/x.ts', '* as z', 'zod', "zod is always `import * as z from 'zod/mini'`"],
    ['test/x.ts', '* as schema', 'zod/mini', "zod is always `import * as z from 'zod/mini'`"],
  ])('stops %s from writing: import %s from %s', (path, clause, specifier, problem) => {
    expect(verdictOn(path, from(clause, specifier))).toEqual([`${path}:1: ${problem}`])
  })

  test.each([
    ['device/store/sqlite/rows.ts', '{ a }', './store-sqlite.ts'],
    ['device/adapters/x.ts', 'type { A }', '../core/door.ts'],
    ['device/adapters/x.ts', '{ Fault }', '../ports.ts'],
    ['device/cli/x.ts', '{ a }', '../main.ts'],
    ['cloud/functions/x.ts', '{ a }', '../core/visit.ts'],
    ['simulation/x.ts', '{ a }', '../device/main.ts'],
    ['test/x.ts', '{ a }', '../cloud/functions/door-events.ts'],
    ['keypad-ui/x.ts', 'type { A }', '../protocol/keypad-api.ts'],
  ])('lets %s write: import %s from %s', (path, clause, specifier) => {
    expect(verdictOn(path, from(clause, specifier))).toEqual([])
  })

  test('follows every way in which a file can be imported', () => {
    const ways = [
      from('type { A }', '../daemon.ts'),
      "export { a } from '../daemon.ts'\n",
      "const a = import('../daemon.ts')\n",
      "type A = import('../daemon.ts').A\n",
      `${'import'} '../daemon.ts'\n`,
    ]
    expect(verdictOn('device/core/x.ts', ways.join(''))).toEqual(
      ways.map((_, at) => `device/core/x.ts:${at + 1}: may not import device/daemon/daemon.ts`),
    )
  })

  test('wants to know at once what is imported', () => {
    expect(verdictOn('device/main.ts', 'const a = import(name)')).toEqual([
      'device/main.ts:1: imports something that only shows at run time',
    ])
  })

  test('gives an adapter one driver', () => {
    const two = from('{ a }', 'onoff') + from('{ b }', 'mqtt') + from('* as z', 'zod/mini')
    expect(verdictOn('device/adapters/x.ts', two)).toEqual([
      'device/adapters/x.ts: has more than one driver: onoff, mqtt',
    ])
  })

  test('knows a place for every file', () => {
    expect(verdictOn('lib/util.ts', '')).toEqual([
      'lib/util.ts: no row of the table says what it may import',
    ])
  })

  test('finds functions taken out of a core by those who may only have its types', () => {
    const text = from('{ type A, decide }', '../core/door.ts')
    expect(valuesFromCore(new Map([['device/http/x.ts', text]]))).toEqual([
      { path: 'device/http/x.ts', core: 'device/core/door/decide.ts', name: 'decide' },
    ])
    expect(valuesFromCore(new Map([['device/cli/x.ts', text]]))).toEqual([])
  })

  test('has a row for every place in the design', () => {
    const rows = arrows.map((arrow) => arrow.from)
    expect(rows).toEqual([...new Set(rows)])
    for (const side of ['device', 'cloud']) expect(rows).toContain(`${side}/core/**`)
  })
})

describe('the check of purity', () => {
  const verdictOn = (text: string, path = 'device/core/x.ts') => impurities(new Map([[path, text]]))

  test.each([
    ['const now = Date.now()', 'Date.now'],
    ['const now = new Date()', 'Date'],
    ['const chance = Math.random()', 'Math.random'],
    ['const { random } = Math', 'Math'],
    ['const started = performance.now()', 'performance.now'],
    ['const env = process.env', 'process.env'],
    ['const id = crypto.randomUUID()', 'crypto.randomUUID'],
    ['const now = globalThis.Date.now()', 'globalThis.Date'],
    ["fetch('http://127.0.0.1')", 'fetch'],
    ['setTimeout(tick, 10)', 'setTimeout'],
    ["console.log('open')", 'console.log'],
    ['let later: Promise<void>', 'Promise'],
    ['export async function open() {}', 'async'],
    ['for (const x of xs) { await x }', 'await'],
    [`const text = \`\${process.pid}\``, 'process.pid'],
    ["const store = import('../store.ts')", 'import'],
    ['const here = import.meta.url', 'import.meta'],
  ])('stops %s', (text, use) => {
    expect(verdictOn(text)).toEqual([`device/core/x.ts:1: ${use} has no place in a core`])
    expect(verdictOn(text, 'cloud/core/x.ts')).toHaveLength(1)
    expect(verdictOn(text, 'device/daemon/daemon.ts')).toEqual([])
  })

  test('knows what is only called like something impure', () => {
    const text = [
      '// A process may await the Date.',
      "const text = 'Date.now()'",
      'const born = Date.UTC(2026, 0, 1)',
      'const most = Math.max(1, 2)',
      'const own = door.process.fetch',
    ]
    expect(verdictOn(text.join('\n'))).toEqual([])
  })
})

describe('reading a tree', () => {
  test('finds planted files in every folder but those of others', () => {
    const folder = mkdtempSync(join(tmpdir(), 'arrows-'))
    try {
      for (const path of ['device/core', 'node_modules/x', '.cache']) {
        mkdirSync(join(folder, path), { recursive: true })
        writeFileSync(join(folder, path, 'bad.ts'), from('{ a }', 'node:fs'))
      }
      expect(brokenArrows(readSources(folder))).toEqual([
        'device/core/bad.ts:1: may not import node:fs',
      ])
    } finally {
      rmSync(folder, { recursive: true })
    }
  })
})
