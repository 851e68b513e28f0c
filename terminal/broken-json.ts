/** Where a file that should be JSON is not. */

/** The parser's message. It may quote the file, so it is never shown. */
function parserMessage(json: string): string | null {
  try {
    JSON.parse(json)
    return null
  } catch (error) {
    return String(error)
  }
}

/** Null for valid JSON. The parser names the line, except for an unexpected word. */
export function brokenLine(json: string): number | null {
  const message = parserMessage(json)
  if (message === null) return null
  const [, named] = /\(line (\d+) column/.exec(message) ?? []
  if (named !== undefined) return Number(named)
  const lines = json.split('\n')
  const at = lines.findIndex((_, last) =>
    parserMessage(lines.slice(0, last + 1).join('\n'))?.includes('Unexpected token'),
  )
  return at < 0 ? lines.length : at + 1
}
