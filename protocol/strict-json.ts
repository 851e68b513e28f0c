/** JSON that has one meaning only: valid UTF-8, and no field twice in one object. */

export type StrictJson =
  | { readonly ok: true; readonly value: unknown }
  | { readonly ok: false; readonly reason: 'not-utf8' | 'not-json' | 'duplicate-field' }

export function parseStrictJson(input: string | Uint8Array): StrictJson {
  const text = typeof input === 'string' ? input : decoded(input)
  if (text === null || !text.isWellFormed()) return { ok: false, reason: 'not-utf8' }
  try {
    const value: unknown = JSON.parse(text)
    return hasDuplicateField(text) ? { ok: false, reason: 'duplicate-field' } : { ok: true, value }
  } catch {
    return { ok: false, reason: 'not-json' }
  }
}

function decoded(bytes: Uint8Array): string | null {
  try {
    return new TextDecoder('utf-8', { fatal: true, ignoreBOM: true }).decode(bytes)
  } catch {
    return null
  }
}

const tokens = /"[^"\\]*(?:\\.[^"\\]*)*"|[{}[\]:]/g

/** `JSON.parse` keeps the last of several. The text is known to be valid JSON. */
function hasDuplicateField(text: string): boolean {
  /** The fields of each open object; null for an open array. */
  const open: (Set<string> | null)[] = []
  let lastString = ''
  for (const [token] of text.matchAll(tokens)) {
    if (token === '{') open.push(new Set())
    else if (token === '[') open.push(null)
    else if (token === '}' || token === ']') open.pop()
    else if (token !== ':') lastString = token
    else {
      const fields = open.at(-1)
      const field: string = JSON.parse(lastString)
      if (fields?.has(field)) return true
      fields?.add(field)
    }
  }
  return false
}
