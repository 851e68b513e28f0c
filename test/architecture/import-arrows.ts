/**
 * Who may import whom, as a table, and the check that nobody does otherwise. `cloud/` has its rows
 * already, so that its first file is held to them.
 */
import { readdirSync, readFileSync } from 'node:fs'
import { join, posix } from 'node:path'
import { type Import, importsOf, isMember, tokensOf } from './source-scan.ts'

/** The text of every TypeScript file, by its path from the root. */
export type Sources = ReadonlyMap<string, string>

interface Arrow {
  readonly from: string
  /**
   * Patterns of what may be imported: `npm:` for packages, `node:` for what Node brings. With
   * `type ` in front only types, with `data ` types and constants but no function, and with `!`
   * not even if another pattern allows it.
   */
  readonly may: readonly string[]
}

/** Both sides of the wire are built alike. What an adapter or the web needs comes per side. */
const sideArrows = (side: string, framework: readonly string[]): readonly Arrow[] => [
  { from: `${side}/core/**`, may: [`${side}/core/**`, 'protocol/**'] },
  { from: `${side}/ports.ts`, may: [`type ${side}/core/**`, 'protocol/**'] },
  {
    from: `${side}/adapters/**`,
    may: [
      `${side}/adapters/**`,
      `${side}/ports.ts`,
      `${side}/*-lines.ts`,
      `data ${side}/core/**`,
      'protocol/**',
      'npm:**',
      'node:**',
    ],
  },
  {
    from: `${side}/{http,web}/**`,
    may: [
      `${side}/{http,web}/**`,
      `${side}/ports.ts`,
      `data ${side}/core/**`,
      'protocol/**',
      'npm:zod/mini',
      'node:**',
      ...framework,
    ],
  },
  {
    from: `${side}/main.ts`,
    may: [`${side}/**`, `!${side}/cli/**`, 'protocol/**', 'npm:**', 'node:**'],
  },
  { from: `${side}/{cli,infra}/**`, may: [`${side}/**`, 'protocol/**', 'npm:**', 'node:**'] },
  {
    from: `${side}/functions/**`,
    may: [`${side}/**`, `!${side}/functions/**`, 'protocol/**', 'npm:**', 'node:**'],
  },
  // Wires by hand what several functions are made of.
  {
    from: `${side}/{wiring*.ts,wiring/**}`,
    may: [`${side}/**`, `!${side}/functions/**`, 'protocol/**', 'npm:**', 'node:**'],
  },
  // The shell around the core: it knows ports, never what fits them.
  {
    from: `${side}/*.ts`,
    may: [
      `${side}/*.ts`,
      `!${side}/main.ts`,
      `${side}/{core,video}/**`,
      'protocol/**',
      'npm:zod/mini',
      'npm:pino',
      'node:**',
    ],
  },
]

/** The first row whose `from` fits a file is the one that counts. */
export const arrows: readonly Arrow[] = [
  { from: 'protocol/**', may: ['protocol/**', 'npm:zod/mini', 'node:crypto'] },
  // What several adapters need of one package.
  {
    from: 'device/aws/signature.ts',
    may: ['type device/daemon/ports.ts', 'npm:@smithy/signature-v4', 'node:crypto'],
  },
  // Video is decided and written by functions as pure as a core; only its own adapters use them.
  { from: 'device/recording/core/**', may: ['device/recording/core/**'] },
  {
    from: 'device/{video,encoder}-*.ts',
    may: [
      'device/**',
      'device/recording/core/**',
      'device/{ports,video-ports,*-lines}.ts',
      'npm:**',
      'node:**',
    ],
  },
  // Cameras share how a program is kept alive, and how pictures are told apart in what it says.
  {
    from: 'device/adapters/camera-*.ts',
    may: [
      'device/**',
      'device/camera-*.ts',
      'device/camera/drivers/mjpeg-frames.ts',
      'device/daemon/ports.ts',
      'device/*-lines.ts',
      'npm:**',
      'node:**',
    ],
  },
  ...sideArrows('device', ['npm:fastify', 'npm:@fastify/**']),
  ...sideArrows('cloud', ['npm:hono', 'npm:hono/**', 'npm:@hono/**']),
  { from: 'keypad-ui/**', may: ['keypad-ui/**', 'type protocol/keypad-api.ts'] },
  { from: 'simulation/**', may: ['**', '!test/**'] },
  { from: 'scripts/**', may: ['scripts/**', 'node:**'] },
  { from: 'test/**', may: ['**'] },
  { from: 'vitest.config.ts', may: ['npm:vitest/config'] },
]

// ---------------------------------------------------------------- the check

export function brokenArrows(sources: Sources): string[] {
  return [...sources].flatMap(([path, text]) => {
    const arrow = arrows.find(({ from }) => fits(path, from))
    if (!arrow) return [`${path}: no row of the table says what it may import`]
    const imports = importsOf(tokensOf(text))
    return [
      ...imports.flatMap((one) => {
        const problem = problemWith(path, one, arrow, sources)
        return problem ? [`${path}:${one.line}: ${problem}`] : []
      }),
      ...(fits(path, '*/adapters/**') ? tooManyDrivers(path, imports) : []),
    ]
  })
}

function problemWith(path: string, one: Import, arrow: Arrow, sources: Sources): string | null {
  if (one.specifier === null) {
    return fits(path, 'test/**') ? null : 'imports something that only shows at run time'
  }
  const target = targetOf(path, one.specifier)
  if (/^npm:zod(\/|$)/.test(target) && !isZodAsAgreed(one)) {
    return "zod is always `import * as z from 'zod/mini'`"
  }
  if (!target.includes(':') && !sources.has(target) && target.endsWith('.ts')) {
    return `imports ${target}, which does not exist`
  }
  const forbidden = arrow.may.some((rule) => rule.startsWith('!') && fits(target, rule.slice(1)))
  const rules = forbidden ? [] : arrow.may.filter((rule) => fits(target, bare(rule)))
  if (rules.length === 0) return `may not import ${target}`
  if (!one.typeOnly && rules.every((rule) => rule.startsWith('type '))) {
    return `may import only types from ${target}`
  }
  if (fits(path, '*/adapters/**') && fits(target, '*/adapters/**')) {
    const [own, other] = [adapterOf(path, sources), adapterOf(target, sources)]
    if (own !== other) return `is part of ${own} and may not import another adapter, ${other}`
  }
  return null
}

const isZodAsAgreed = ({ specifier, clause, form }: Import): boolean =>
  specifier === 'zod/mini' && form === 'static' && /^(type )?\* as z$/.test(clause)

/** Where an import leads: a path from the root, `node:…` or `npm:…`. */
function targetOf(path: string, specifier: string): string {
  if (specifier.startsWith('.')) return posix.join(posix.dirname(path), specifier)
  return specifier.startsWith('node:') ? specifier : `npm:${specifier}`
}

/** `store-sqlite-rows.ts` is a part of `store-sqlite.ts`, which is an adapter. */
function adapterOf(path: string, sources: Sources): string {
  const stem = path.replace(/\.ts$/, '')
  const whole = [...sources.keys()]
    .map((other) => other.replace(/\.ts$/, ''))
    .filter((other) => posix.dirname(other) === posix.dirname(stem))
    .filter((other) => stem === other || stem.startsWith(`${other}-`))
    .sort((a, b) => a.length - b.length)
  return posix.basename(whole[0] ?? stem)
}

/** One driver or SDK each; its subpaths are still the same one. */
function tooManyDrivers(path: string, imports: readonly Import[]): string[] {
  const drivers = new Set(
    imports
      .map(({ specifier }) => specifier ?? '')
      .filter((specifier) => !/^(\.|node:|zod\/mini$|$)/.test(specifier))
      .map(packageOf),
  )
  return drivers.size > 1 ? [`${path}: has more than one driver: ${[...drivers].join(', ')}`] : []
}

export const packageOf = (specifier: string): string =>
  specifier
    .split('/')
    .slice(0, specifier.startsWith('@') ? 2 : 1)
    .join('/')

/**
 * Values that a file takes from a core although it may only have types and constants. Which of
 * them are functions shows only when the core is loaded, so that is left to the caller.
 */
export function valuesFromCore(
  sources: Sources,
): readonly { readonly path: string; readonly core: string; readonly name: string }[] {
  return [...sources].flatMap(([path, text]) => {
    const rules = arrows.find(({ from }) => fits(path, from))?.may ?? []
    return importsOf(tokensOf(text)).flatMap(({ specifier, values }) => {
      const core = targetOf(path, specifier ?? '')
      const fitting = rules.filter((rule) => fits(core, bare(rule)))
      const onlyData = fitting.length > 0 && fitting.every((rule) => rule.startsWith('data '))
      return onlyData ? values.map((name) => ({ path, core, name })) : []
    })
  })
}

const bare = (rule: string): string => rule.replace(/^(type|data) /, '')

const globs = new Map<string, RegExp>()

/** `**` is anything, `*` anything within one folder, `{a,b}` either. */
function fits(path: string, glob: string): boolean {
  let pattern = globs.get(glob)
  if (!pattern) {
    const source = glob
      .replace(/[.+^$()|\\]/g, '\\$&')
      .replace(/\{(.*?)\}/g, (_, list: string) => `(${list.replaceAll(',', '|')})`)
      .replace(/\*+/g, (stars) => (stars === '**' ? '.*' : '[^/:]*'))
    pattern = new RegExp(`^${source}$`)
    globs.set(glob, pattern)
  }
  return pattern.test(path)
}

// ---------------------------------------------------------------- purity of the cores

/** Words that bring in the time, chance, the world outside, or waiting for it. */
const impureWords = new Set([
  ...['performance', 'crypto', 'process', 'globalThis', 'global', 'window', 'self'],
  ...['fetch', 'WebSocket', 'XMLHttpRequest', 'require', 'eval', 'Function'],
  ...['setTimeout', 'setInterval', 'setImmediate', 'queueMicrotask', 'AbortSignal'],
  ...['Promise', 'async', 'await', 'console'],
])

export function impurities(sources: Sources): string[] {
  return [...sources]
    .filter(([path]) => fits(path, '{*/core,device/recording/core}/**') && !fits(path, 'test/**'))
    .flatMap(([path, text]) => impureUses(text).map((use) => `${path}:${use}`))
}

function impureUses(text: string): string[] {
  const tokens = tokensOf(text)
  return tokens.flatMap(({ text: word, line }, at) => {
    if (isMember(tokens, at)) return []
    const next = tokens[at + 1]?.text
    const use = next === '.' ? `${word}.${tokens[at + 2]?.text}` : word
    const impure =
      impureWords.has(word) ||
      (word === 'Date' && use !== 'Date.UTC') ||
      (word === 'Math' && (next !== '.' || use === 'Math.random')) ||
      (word === 'import' && next === '(') ||
      use === 'import.meta'
    return impure ? [`${line}: ${use} has no place in a core`] : []
  })
}

// ---------------------------------------------------------------- reading the tree

const isSource = (name: string): boolean => /\.[cm]?tsx?$/.test(name)

export function readSources(root: string): Sources {
  const sources = new Map<string, string>()
  const walk = (folder: string) => {
    for (const entry of readdirSync(join(root, folder), { withFileTypes: true })) {
      if (entry.name.startsWith('.') || entry.name === 'node_modules') continue
      const path = posix.join(folder, entry.name)
      if (entry.isDirectory()) walk(path)
      else if (isSource(entry.name)) sources.set(path, readFileSync(join(root, path), 'utf8'))
    }
  }
  walk('')
  return sources
}
