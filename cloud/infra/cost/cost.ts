/** The program behind `npm run cost`: what one door costs in a month. */
import { App } from 'aws-cdk-lib'
import { Template } from 'aws-cdk-lib/assertions'
import { Code } from 'aws-cdk-lib/aws-lambda'
import { readSettings } from '../settings.ts'
import { buildStack } from '../stack.ts'
import {
  type Bill,
  type BillItem,
  billOf,
  type Price,
  prices,
  pricesOf,
  textPrices,
} from './prices.ts'
import { assumed, type Recognition, usageOf, usageOfDeployment } from './usage.ts'

const modes: readonly Recognition[] = ['snapshots', 'stream-processor']
const visitsPerDay = [1, 10, 100]

const exampleLayer = 'arn:aws:lambda:us-east-1:111122223333:layer:ffmpeg:1'

/** Alarms and queues of an example deployment. */
function deploymentOf(recognition: Recognition): Bill {
  const settings = readSettings({
    doors: ['maple-street_front'],
    recognition,
    ...(recognition === 'stream-processor' && { ffmpegLayer: exampleLayer }),
    mailFrom: 'door@example.org',
    alarmMail: 'owner@example.org',
  })
  const app = new App({ analyticsReporting: false, builtinCloudFormationValidation: false })
  const code = () => Code.fromInline('export const handler = 0')
  const template = Template.fromStack(buildStack(app, settings, code))
  const alarms = Object.keys(template.findResources('AWS::CloudWatch::Alarm'))
  const queues = Object.values(template.findResources('AWS::SQS::Queue'))
  // Nothing polls a dead-letter queue.
  const polled = queues.filter(({ Properties }) => 'RedrivePolicy' in Object(Properties))
  return billOf(usageOfDeployment(recognition, alarms.length, polled.length))
}

const money = (usd: number | null): string => (usd === null ? 'unknown' : usd.toFixed(2))
const amountOf = ({ amount, price }: BillItem): string =>
  `${amount.toLocaleString('en', { maximumFractionDigits: 2 })} × ${price.unit}`

const write = (...lines: string[]) => void process.stdout.write(`${lines.join('\n')}\n`)

function writeBill(title: string, { items, usd, unknown }: Bill): void {
  const total = [money(usd), ...unknown.map((item) => `${amountOf(item)} at an unknown price`)]
  write('', `${title}: ${total.join(' + ')}`)
  for (const item of items) {
    const cells = [item.what.padEnd(15), amountOf(item).padEnd(40), money(item.usd).padStart(8)]
    write(`  ${cells.join('  ')}`)
  }
}

function writePrice(what: string, { usd, per, unit, page, source }: Price): void {
  const amount = usd === null ? 'unknown' : `${usd} for ${per.toLocaleString('en')}`
  write(`${what.padEnd(15)} ${amount} ${unit} (${page}, ${source})`)
}

const row = (...cells: string[]) =>
  write(cells.map((cell, nth) => (nth === 0 ? cell.padEnd(14) : cell.padStart(14))).join(''))

/** What makes up most of a bill, the largest first. */
function dominating(items: readonly BillItem[], usd: number): string {
  const largest = items.toSorted((one, other) => (other.usd ?? 0) - (one.usd ?? 0)).slice(0, 3)
  const share = (item: BillItem) => `${Math.round(((item.usd ?? 0) / usd) * 100)} %`
  return largest.map((item) => `${item.what} ${share(item)}`).join(', ')
}

/** One door and what all doors share, without texts. */
function writeTable(shared: Bill): void {
  const countries = Object.entries(textPrices)
  row('visits a day', 'total', ...countries.map(([name]) => `+ ${name}`), 'mostly')
  for (const visits of visitsPerDay) {
    const usage = usageOf('snapshots', visits)
    const door = billOf({ ...usage, texts: 0 })
    const usd = door.usd + shared.usd
    const texts = countries.map(([, price]) => money((usage.texts ?? 0) * price))
    row(
      String(visits),
      money(usd),
      ...texts,
      `  ${dominating([...door.items, ...shared.items], usd)}`,
    )
  }
}

write(
  `US dollars a month, us-east-1, list prices of ${pricesOf} without free allowances.`,
  `Assumed: ${assumed.strangerShare * 100} % of visits are strangers and ${assumed.residentShare * 100} % residents, who get no text;`,
  `${assumed.snapshots} snapshots and ${assumed.videoSeconds} s of video per visit; ${assumed.liveMinutesPerDay} minutes of live view a day.`,
  'Texts are not in the total: their prices differ by country and were not read at AWS.',
  '',
)
writeTable(deploymentOf('snapshots'))
for (const mode of modes) {
  writeBill(`One door, 10 visits a day, ${mode}`, billOf(usageOf(mode, 10)))
  writeBill(`The deployment that all doors share, ${mode}`, deploymentOf(mode))
}
write('', 'Not included: logs, CloudFront, backups and stored photos, a few cents in all.', '')
for (const [what, price] of Object.entries(prices)) writePrice(what, price)
