/** Counts in the syntax tree of one TypeScript file. */
import { dirname, join } from 'node:path'
import ts from 'typescript'

interface LongFunction {
  readonly name: string
  readonly lines: number
}

export interface CodeCounts {
  readonly functions: number
  /** Above 60 lines. */
  readonly longFunctions: readonly LongFunction[]
  /** With more than 4 positional parameters. */
  readonly wideFunctions: readonly string[]
  readonly exports: readonly string[]
  readonly imports: readonly Import[]
  /** Comments and string literals, for the search for words. */
  readonly prose: string
  readonly names: string
}

interface Import {
  /** Path of the file, from the root of the project. */
  readonly file: string
  /** `*` for all of its exports. */
  readonly name: string
}

const longestLines = 60
const mostParameters = 4

export function countCode(path: string, text: string): CodeCounts {
  const source = ts.createSourceFile(path, text, ts.ScriptTarget.Latest, true)
  const nodes = [...nodesIn(source)]
  const functions = nodes.filter(isFunctionWithBody).filter((one) => !isTestCallback(one))
  return {
    functions: functions.length,
    longFunctions: functions
      .map((one) => ({ name: nameOf(one), lines: linesOf(source, one) }))
      .filter(({ lines }) => lines > longestLines),
    wideFunctions: functions
      .filter(({ parameters }) => parameters.length > mostParameters)
      .map(nameOf),
    exports: source.statements.flatMap(exportedNames),
    imports: nodes.flatMap((node) => importsOf(path, node)),
    prose: [...commentsIn(text), ...nodes.flatMap(literalText)].join('\n'),
    names: nodes.flatMap((node) => (ts.isIdentifier(node) ? [node.text] : [])).join('\n'),
  }
}

function* nodesIn(node: ts.Node): Generator<ts.Node> {
  yield node
  for (const child of node.getChildren()) yield* nodesIn(child)
}

// ---------------------------------------------------------------- functions

type WithBody = ts.FunctionLikeDeclaration & { readonly body: ts.Node }

const isFunctionWithBody = (node: ts.Node): node is WithBody =>
  ts.isFunctionLike(node) && 'body' in node && node.body !== undefined

/** The callback of `describe` or `test` is a list of cases. */
function isTestCallback({ parent }: ts.Node): boolean {
  return (
    ts.isCallExpression(parent) &&
    /^(describe|describeProof|test|testProof|it)\b/.test(parent.expression.getText())
  )
}

function nameOf(node: WithBody): string {
  const { parent } = node
  const isNamedByParent =
    ts.isVariableDeclaration(parent) ||
    ts.isPropertyAssignment(parent) ||
    ts.isPropertyDeclaration(parent)
  return (node.name ?? (isNamedByParent ? parent.name : null))?.getText() ?? '(unnamed)'
}

function linesOf(source: ts.SourceFile, node: ts.Node): number {
  const line = (position: number) => source.getLineAndCharacterOfPosition(position).line
  return line(node.end) - line(node.getStart(source)) + 1
}

// ---------------------------------------------------------------- exports and imports

function exportedNames(statement: ts.Statement): readonly string[] {
  if (ts.isExportDeclaration(statement)) {
    const { exportClause } = statement
    return exportClause && ts.isNamedExports(exportClause)
      ? exportClause.elements.map(({ name }) => name.text)
      : []
  }
  const modifiers = ts.canHaveModifiers(statement) ? (ts.getModifiers(statement) ?? []) : []
  if (!modifiers.some(({ kind }) => kind === ts.SyntaxKind.ExportKeyword)) return []
  if (ts.isVariableStatement(statement)) {
    return statement.declarationList.declarations.flatMap(({ name }) => boundNames(name))
  }
  const isNamed =
    ts.isFunctionDeclaration(statement) ||
    ts.isClassDeclaration(statement) ||
    ts.isInterfaceDeclaration(statement) ||
    ts.isTypeAliasDeclaration(statement)
  return isNamed && statement.name ? [statement.name.text] : []
}

const boundNames = (name: ts.BindingName): readonly string[] =>
  ts.isIdentifier(name)
    ? [name.text]
    : name.elements.flatMap((one) => (ts.isBindingElement(one) ? boundNames(one.name) : []))

function importsOf(path: string, node: ts.Node): readonly Import[] {
  const file = importedFile(path, node)
  if (file === null) return []
  return importedNames(node).map((name) => ({ file, name }))
}

function importedFile(path: string, node: ts.Node): string | null {
  const specifier =
    ts.isImportDeclaration(node) || ts.isExportDeclaration(node)
      ? node.moduleSpecifier
      : ts.isCallExpression(node) && node.expression.kind === ts.SyntaxKind.ImportKeyword
        ? node.arguments[0]
        : ts.isImportTypeNode(node) && ts.isLiteralTypeNode(node.argument)
          ? node.argument.literal
          : undefined
  if (!specifier || !ts.isStringLiteral(specifier) || !specifier.text.startsWith('.')) return null
  return join(dirname(path), specifier.text)
}

function importedNames(node: ts.Node): readonly string[] {
  if (ts.isExportDeclaration(node)) {
    const { exportClause } = node
    return exportClause && ts.isNamedExports(exportClause)
      ? exportClause.elements.map((one) => (one.propertyName ?? one.name).text)
      : ['*']
  }
  if (!ts.isImportDeclaration(node)) return ['*']
  const bindings = node.importClause?.namedBindings
  const named =
    bindings && ts.isNamedImports(bindings)
      ? bindings.elements.map((one) => (one.propertyName ?? one.name).text)
      : bindings
        ? ['*']
        : []
  return [...(node.importClause?.name ? ['default'] : []), ...named]
}

// ---------------------------------------------------------------- words

function* commentsIn(text: string): Generator<string> {
  const scanner = ts.createScanner(ts.ScriptTarget.Latest, false, ts.LanguageVariant.Standard, text)
  for (let kind = scanner.scan(); kind !== ts.SyntaxKind.EndOfFileToken; kind = scanner.scan()) {
    const isComment =
      kind === ts.SyntaxKind.SingleLineCommentTrivia ||
      kind === ts.SyntaxKind.MultiLineCommentTrivia
    if (isComment) yield scanner.getTokenText()
  }
}

const literalText = (node: ts.Node): readonly string[] =>
  ts.isStringLiteralLike(node) || ts.isTemplateLiteralToken(node) ? [node.text] : []
