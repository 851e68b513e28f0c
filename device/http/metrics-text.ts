/** Metrics in the text format that Prometheus reads. */

export interface Metric {
  readonly name: string
  readonly help: string
  readonly kind: 'counter' | 'gauge'
  readonly value: number
  readonly labels?: Readonly<Record<string, string>>
}

export const metricsType = 'text/plain; version=0.0.4; charset=utf-8'

/** The format wants all metrics of one name under one heading. */
export function metricsText(metrics: readonly Metric[]): string {
  const families = Map.groupBy(metrics, ({ name }) => name)
  return [...families.values()].map(familyText).join('')
}

function familyText(family: readonly Metric[]): string {
  const [first] = family
  if (!first) return ''
  const { name, help, kind } = first
  const samples = family.map(
    (metric) => `${name}${labelsText(metric)} ${numberText(metric.value)}\n`,
  )
  return `# HELP ${name} ${escapeHelp(help)}\n# TYPE ${name} ${kind}\n${samples.join('')}`
}

function labelsText({ labels = {} }: Metric): string {
  const pairs = Object.entries(labels).map(([name, value]) => `${name}="${escapeLabel(value)}"`)
  return pairs.length > 0 ? `{${pairs.join(',')}}` : ''
}

const numberText = (value: number): string =>
  Number.isFinite(value) || Number.isNaN(value) ? String(value) : value > 0 ? '+Inf' : '-Inf'

const escapeHelp = (text: string): string => text.replaceAll('\\', '\\\\').replaceAll('\n', '\\n')
const escapeLabel = (text: string): string => escapeHelp(text).replaceAll('"', '\\"')
