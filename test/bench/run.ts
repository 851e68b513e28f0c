/** The program behind `npm run bench`: our figures beside those of a peer, measured alternately. */
import { parseArgs } from 'node:util'
import { benchAnswerTimes } from './rows/answer-times.ts'
import { benchCloudVisit } from './rows/cloud/cloud-visit.ts'
import { benchFaceToCloud } from './rows/cloud/face-to-cloud.ts'
import { benchFunctions } from './rows/cloud/functions.ts'
import { benchHistory } from './rows/cloud/history.ts'
import { benchColdStart } from './rows/cold-start.ts'
import { benchConsume } from './rows/consume.ts'
import { benchIdle } from './rows/idle.ts'
import { benchKeypad } from './rows/keypad.ts'
import { benchLink } from './rows/link.ts'
import { benchMotion } from './rows/motion.ts'
import { benchResync } from './rows/resync.ts'
import { benchRecording } from './rows/video/recording.ts'
import { benchVideo } from './rows/video/video.ts'
import { benchWalking } from './rows/walking.ts'
import { type Row, tableOf } from './support/row.ts'
import { openWorkshop, type Workshop } from './support/workshop.ts'

const benches: Readonly<Record<string, (workshop: Workshop) => Promise<Row[]>>> = {
  consume: benchConsume,
  resync: benchResync,
  keypad: benchKeypad,
  idle: benchIdle,
  start: benchColdStart,
  answers: benchAnswerTimes,
  video: benchVideo,
  walking: benchWalking,
  recording: benchRecording,
  'cloud-visit': benchCloudVisit,
  history: benchHistory,
  functions: benchFunctions,
  motion: benchMotion,
  'face-to-cloud': benchFaceToCloud,
  link: benchLink,
}

const usage = `npm run bench -- [--json] [--only NAME] [--quick] [--minutes N]

  --json        prints one JSON array and nothing else on the standard output
  --only NAME   ${Object.keys(benches).join(' | ')}
  --quick       few samples, to check that it works; the figures mean nothing
  --minutes N   length of the recording and of the idle measurement; default: 20 seconds and 3 minutes`
const usageExitCode = 64

const say = (text: string) => void process.stderr.write(`${text}\n`)

async function main(): Promise<number> {
  const { values } = parseArgs({
    options: {
      json: { type: 'boolean', default: false },
      only: { type: 'string' },
      quick: { type: 'boolean', default: false },
      minutes: { type: 'string' },
      help: { type: 'boolean', default: false },
    },
  })
  const names = values.only === undefined ? Object.keys(benches) : [values.only]
  const chosen = names.flatMap((name) => benches[name] ?? [])
  const minutes = values.minutes === undefined ? null : Number(values.minutes)
  const isLength = minutes === null || minutes > 0
  if (values.help || chosen.length === 0 || !isLength) {
    say(usage)
    return values.help ? 0 : usageExitCode
  }
  const workshop = openWorkshop(values.quick, minutes, say)
  const rows: Row[] = []
  for (const bench of chosen) rows.push(...(await bench(workshop)))
  process.stdout.write(`${values.json ? JSON.stringify(rows, null, 2) : tableOf(rows)}\n`)
  return rows.every(({ ok }) => ok) ? 0 : 1
}

process.exit(await main())
