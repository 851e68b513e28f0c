/** The program behind `npm run cost`: what one door costs in a month, and what nobody can say. */
import { App } from 'aws-cdk-lib'
import { Template } from 'aws-cdk-lib/assertions'
import { Code } from 'aws-cdk-lib/aws-lambda'
import { readSettings } from '../settings.ts'
import { buildStack } from '../stack.ts'
import { type Bill, type BillLine, billOf } from './bill.ts'
import { prices, pricesOf } from './prices.ts'
import { assumed, type Recognition, usageOf, usageOfDeployment } from './usage.ts'

const modes: readonly Recognition[] = ['snapshots', 'stream-processor']
const visitsPerDay = [10, 100] as const

const exampleLayer = 'arn:aws:lambda:us-east-1:111122223333:layer:ffmpeg:1'

/** Alarms and queues as they would be deployed, for an example of a door. */
function deploymentOf(recognition: Recognition): Bill {
  const settings = readSettings({
    ...{ doors: ['maple-street_front'], recognition },
    ...(recognition === 'stream-processor' && { ffmpegLayer: exampleLayer }),
    ...{ mailFrom: 'door@example.org', alarmMail: 'owner@example.org' },
  })
  const app = new App({ analyticsReporting: false })
  const code = () => Code.fromInline('export const handler = 0')
  const template = Template.fromStack(buildStack(app, settings, code))
  const alarms = Object.keys(template.findResources('AWS::CloudWatch::Alarm'))
  const queues = Object.values(template.findResources('AWS::SQS::Queue'))
  // Nobody asks a dead-letter queue for anything.
  const asked = queues.filter(({ Properties }) => 'RedrivePolicy' in Object(Properties))
  return billOf(usageOfDeployment(recognition, alarms.length, asked.length))
}

const money = (usd: number | null): string => (usd === null ? 'unknown' : usd.toFixed(2))
const amountOf = ({ amount, price }: BillLine): string =>
  `${amount.toLocaleString('en', { maximumFractionDigits: 2 })} × ${price.unit}`

const totalOf = ({ usd, unknown }: Bill): string =>
  [money(usd), ...unknown.map((line) => `${amountOf(line)} at a price that is unknown`)].join(' + ')

function write(...lines: string[]): void {
  process.stdout.write(`${lines.join('\n')}\n`)
}

function writeBill(title: string, bill: Bill): void {
  const rows = bill.lines.map((line) => [line.what, amountOf(line), money(line.usd)] as const)
  const cells = rows.map(([what, amount, usd]) =>
    ['', what.padEnd(15), amount.padEnd(40), usd.padStart(8)].join('  '),
  )
  write('', `${title}: ${totalOf(bill)}`, ...cells)
}

write(
  `US dollars a month, us-east-1, list prices as of ${pricesOf}, no free allowance taken off.`,
  `Assumed: ${assumed.strangerShare * 100} % of visits are strangers, ${assumed.snapshots} stills and ${assumed.videoSeconds} s of video a visit.`,
)
for (const recognition of modes) {
  for (const visits of visitsPerDay) {
    writeBill(
      `One door, ${visits} visits a day, ${recognition}`,
      billOf(usageOf(recognition, visits)),
    )
  }
  writeBill(`The deployment that all doors share, ${recognition}`, deploymentOf(recognition))
}
write(
  '',
  'Left out: log lines, CloudFront, backups and kept photos, a few cents at these numbers.',
  '',
)
for (const [what, price] of Object.entries(prices)) {
  const known =
    price.usd === null ? 'unknown' : `${price.usd} for ${price.per.toLocaleString('en')}`
  const readIn = { aws: 'read there', quoted: 'as quoted by others', none: 'not readable' }
  write(`${what.padEnd(15)} ${known} ${price.unit} (${price.page}, ${readIn[price.readIn]})`)
}
