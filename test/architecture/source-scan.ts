/**
 * Reads TypeScript just far enough to see what a file imports and which words it uses. It goes by
 * TypeScript's own scanner, so that comments, strings and templates are never taken for code.
 */
import { createScanner, SyntaxKind } from 'typescript/unstable/ast'

export interface Token {
  readonly kind: SyntaxKind
  readonly text: string
  /** What a string literal says, without its quotes. */
  readonly value: string
  readonly line: number
}

export interface Import {
  /** `null` when the name of the module is only worked out at run time. */
  readonly specifier: string | null
  readonly form: 'static' | 'export-from' | 'dynamic'
  readonly typeOnly: boolean
  /** What is taken over as values; `*` for everything. */
  readonly values: readonly string[]
  /** Between `import` and `from`, one space between the words. */
  readonly clause: string
  readonly line: number
}

export function tokensOf(text: string): Token[] {
  const scanner = createScanner(true)
  scanner.setText(text)
  const tokens: Token[] = []
  /** For each open brace, whether it is the `${` of a template. */
  const braces: boolean[] = []
  let line = 1
  let counted = 0
  for (let kind = scanner.scan(); kind !== SyntaxKind.EndOfFile; kind = scanner.scan()) {
    if (kind === SyntaxKind.TemplateHead) braces.push(true)
    if (kind === SyntaxKind.OpenBraceToken) braces.push(false)
    if (kind === SyntaxKind.CloseBraceToken && braces.pop()) {
      kind = scanner.reScanTemplateToken(false)
      if (kind === SyntaxKind.TemplateMiddle) braces.push(true)
    }
    if (isSlash(kind) && !canEndExpression(tokens.at(-1))) kind = scanner.reScanSlashToken()
    for (const start = scanner.getTokenStart(); counted < start; counted += 1) {
      if (text[counted] === '\n') line += 1
    }
    tokens.push({ kind, text: scanner.getTokenText(), value: scanner.getTokenValue(), line })
  }
  return tokens
}

const isSlash = (kind: SyntaxKind): boolean =>
  kind === SyntaxKind.SlashToken || kind === SyntaxKind.SlashEqualsToken

/** After these a slash divides; anywhere else it begins a regular expression. */
const canEndExpression = (token: Token | undefined): boolean =>
  token !== undefined &&
  (token.kind === SyntaxKind.Identifier ||
    token.kind === SyntaxKind.NumericLiteral ||
    token.kind === SyntaxKind.BigIntLiteral ||
    isText(token) ||
    token.kind === SyntaxKind.TemplateTail ||
    [')', ']', '}', 'this', 'super', 'true', 'false', 'null'].includes(token.text))

const isText = (token: Token | undefined): boolean =>
  token?.kind === SyntaxKind.StringLiteral ||
  token?.kind === SyntaxKind.NoSubstitutionTemplateLiteral

export function importsOf(tokens: readonly Token[]): Import[] {
  return tokens.flatMap((token, at) => {
    if (isMember(tokens, at)) return []
    if (token.kind === SyntaxKind.ImportKeyword) return importAt(tokens, at) ?? []
    if (token.kind === SyntaxKind.ExportKeyword) return exportFromAt(tokens, at) ?? []
    return []
  })
}

/** A word after a dot is the name of somebody's property, not what the word stands for alone. */
export const isMember = (tokens: readonly Token[], at: number): boolean =>
  ['.', '?.'].includes(tokens[at - 1]?.text ?? '')

function importAt(tokens: readonly Token[], at: number): Import | null {
  const next = tokens[at + 1]
  if (next?.text === '.') return null
  if (next?.text === '(') return dynamicImport(tokens, at)
  if (isText(next)) return fromClause(tokens, at, at + 1, 'static')
  for (let end = at + 1; end < tokens.length - 1; end += 1) {
    if (tokens[end]?.text === 'from' && isText(tokens[end + 1])) {
      return fromClause(tokens, at, end + 1, 'static')
    }
  }
  return null
}

function dynamicImport(tokens: readonly Token[], at: number): Import {
  const named = tokens[at + 2]
  const literal = isText(named) && [')', ','].includes(tokens[at + 3]?.text ?? '')
  return {
    specifier: literal && named ? named.value : null,
    form: 'dynamic',
    typeOnly: false,
    values: ['*'],
    clause: '',
    line: tokens[at]?.line ?? 0,
  }
}

/** Only `export … from`; an export of the file's own things leads nowhere else. */
function exportFromAt(tokens: readonly Token[], at: number): Import | null {
  const opens = tokens[at + 1]?.text === 'type' ? at + 2 : at + 1
  let end = opens
  if (tokens[opens]?.text === '{') {
    while (end < tokens.length && tokens[end]?.text !== '}') end += 1
    end += 1
  } else if (tokens[opens]?.text === '*') {
    end += tokens[opens + 1]?.text === 'as' ? 3 : 1
  } else return null
  return tokens[end]?.text === 'from' && isText(tokens[end + 1])
    ? fromClause(tokens, at, end + 1, 'export-from')
    : null
}

function fromClause(
  tokens: readonly Token[],
  at: number,
  specifierAt: number,
  form: Import['form'],
): Import {
  const clause = tokens.slice(at + 1, Math.max(at + 1, specifierAt - 1))
  const typeOnly = clause[0]?.text === 'type' && clause.length > 1
  return {
    specifier: tokens[specifierAt]?.value ?? null,
    form,
    typeOnly,
    values: typeOnly ? [] : valuesIn(clause),
    clause: clause.map(({ text }) => text).join(' '),
    line: tokens[at]?.line ?? 0,
  }
}

function valuesIn(clause: readonly Token[]): string[] {
  const brace = clause.findIndex(({ text }) => text === '{')
  const before = clause.slice(0, brace < 0 ? clause.length : brace)
  const values = before.some(({ text }) => text === '*') ? ['*'] : []
  if (before[0] && before[0].text !== '*') values.push('default')
  if (brace < 0) return values
  const listed = clause
    .slice(brace + 1)
    .map(({ text }) => text)
    .join(' ')
    .replace(/ ?\}.*$/, '')
  for (const item of listed.split(',')) {
    const [first, second] = item.trim().split(' ')
    const isType = first === 'type' && second !== undefined && second !== 'as'
    if (first && !isType) values.push(first)
  }
  return values
}
