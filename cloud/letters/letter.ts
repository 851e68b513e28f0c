/**
 * Builds a mail from a few paragraphs, as text and as HTML. The HTML sets only the accent colour, so
 * that mail clients can choose dark colours, and no widths, so that it fits narrow screens. All
 * values are escaped here.
 */
import type { Language } from '../../protocol/messages/shared.ts'

export interface WrittenLetter {
  readonly subject: string
  readonly text: string
  readonly html: string
}

type Part =
  | { readonly kind: 'title' | 'line' | 'small'; readonly text: string }
  /** Something to read out or type. */
  | { readonly kind: 'large'; readonly label: string; readonly text: string }
  | { readonly kind: 'fact'; readonly label: string; readonly text: string }
  | { readonly kind: 'picture'; readonly name: string; readonly text: string }
  | { readonly kind: 'link'; readonly url: string; readonly text: string }

export function letterOf(
  language: Language,
  subject: string,
  parts: readonly Part[],
): WrittenLetter {
  const oneLine = subject.replace(/\s+/g, ' ').trim()
  return { subject: oneLine, text: textOf(parts), html: htmlOf(language, oneLine, parts) }
}

const textOf = (parts: readonly Part[]): string =>
  `${parts
    .filter(({ kind }) => kind !== 'picture')
    .map(plain)
    .join('\n\n')}\n`

function plain(part: Part): string {
  if (part.kind === 'link') return `${part.text}:\n${part.url}`
  return 'label' in part && part.label ? `${part.label}: ${part.text}` : part.text
}

const accent = '#0a5f4e'
const styles = {
  body: 'margin:0;padding:16px;font:16px/1.5 system-ui,-apple-system,Segoe UI,Roboto,sans-serif',
  box: 'max-width:30em;margin:0 auto;overflow-wrap:anywhere',
  title: 'margin:0 0 16px;font-size:20px;line-height:1.3;font-weight:600',
  line: 'margin:0 0 16px',
  small: 'margin:16px 0 0;font-size:14px',
  large: 'font-size:36px;line-height:1.2;font-weight:700;letter-spacing:0.06em',
  picture:
    'display:block;width:240px;max-width:100%;height:auto;border-radius:12px;margin:0 0 16px',
  link: `display:inline-block;padding:14px 22px;border-radius:12px;background:${accent};color:#ffffff;font-weight:600;text-decoration:none`,
} as const

function htmlOf(language: Language, subject: string, parts: readonly Part[]): string {
  return `<!doctype html>
<html lang="${language}">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<meta name="color-scheme" content="light dark">
<meta name="supported-color-schemes" content="light dark">
<title>${escaped(subject)}</title>
</head>
<body style="${styles.body}">
<main style="${styles.box}">
${parts.map(html).join('\n')}
</main>
</body>
</html>
`
}

function html(part: Part): string {
  const text = escaped(part.text)
  switch (part.kind) {
    case 'title':
      return `<h1 style="${styles.title}">${text}</h1>`
    case 'line':
    case 'small':
      return `<p style="${styles[part.kind]}">${text}</p>`
    case 'fact':
      return `<p style="${styles.line}">${escaped(part.label)}:<br><strong>${text}</strong></p>`
    case 'large':
      return `<p style="${styles.line}">${escaped(part.label)}<br><span style="${styles.large}">${text}</span></p>`
    case 'picture':
      return `<img src="cid:${escaped(part.name)}" alt="${text}" width="240" style="${styles.picture}">`
    case 'link':
      return `<p style="${styles.line}"><a href="${escaped(part.url)}" style="${styles.link}">${text}</a></p>`
    default:
      return part satisfies never
  }
}

const entities: Readonly<Record<string, string>> = {
  '&': '&amp;',
  '<': '&lt;',
  '>': '&gt;',
  '"': '&quot;',
  "'": '&#39;',
}

const escaped = (text: string): string =>
  text.replace(/[&<>"']/g, (character) => entities[character] ?? '')
