/** People at a door, and what their owner does about them. */
import { codeIn } from '../../../simulation/cloud/inbox.ts'
import type { Person } from '../../../simulation/scenes/drawn-faces.ts'
import { RehearsalFailed, type Stage } from '../stage.ts'
import { pathsOf, resourcesOf, step } from '../troubles.ts'
import { type Home, until } from './home.ts'

/** An unknown visitor is allowed, gets a text, and opens the door. */
export async function firstVisit(stage: Stage, home: Home, face: Person): Promise<void> {
  const mail = await askedAbout(stage, home, face)
  const texts = stage.aws.texts.length
  await step(stage, `${home.owner} allows them`, async () => {
    const said = await home.browser.answer(mail, {
      decision: 'allow',
      name: 'Robin Vale',
      phone: '+1 202 555 0143',
    })
    if (!said.includes('may come in')) throw new RehearsalFailed(`The page says: ${said}`)
    await until(stage, async () =>
      stage.aws.texts.length > texts ? null : 'The visitor got no text.',
    )
  })
  await step(stage, 'the visitor types the code of the text', async () => {
    const code = codeIn(stage.aws.texts.at(-1)?.body ?? '') ?? ''
    const outcome = await home.door.enter(code)
    if (outcome !== 'accepted') throw new RehearsalFailed(`The door answers: ${outcome}`)
  })
  await step(stage, `${home.owner} reads about the visit`, async () => {
    await until(stage, async () => {
      const { status, text } = await home.browser.get('/v1/visits')
      return status === 200 && text.includes('code-accepted')
        ? null
        : `The page says: ${status} ${text}`
    })
  })
}

/** The face stays in the collection until the household goes. */
export async function blockVisitor(stage: Stage, home: Home, face: Person): Promise<void> {
  const mail = await askedAbout(stage, home, face)
  await step(stage, `${home.owner} refuses and blocks them`, async () => {
    const said = await home.browser.answer(mail, { decision: 'deny', blockFace: true })
    if (/^[45]\d\d /.test(said)) throw new RehearsalFailed(`The page says: ${said}`)
    await stage.settle()
  })
}

async function askedAbout(stage: Stage, { owner, door }: Home, face: Person) {
  const mails = () => stage.aws.mailbox.filter(({ to }) => to.includes(owner))
  const before = mails().length
  return step(stage, `an unknown visitor stands at ${door.doorId}`, async () => {
    await door.sees(face)
    await until(stage, async () =>
      mails().length > before ? null : `${owner} got no mail about them.${stoppedAt(stage)}`,
    )
    const mail = mails().at(-1)
    return { subject: mail?.subject ?? '', text: mail?.text ?? '' }
  })
}

/** Where a snapshot, or a message of a door, has stopped. */
export function stoppedAt(stage: Stage): string {
  const { used } = stage.deployment()
  const idle = resourcesOf(stage).filter(({ physicalId }) => !used.has(physicalId))
  const [bucket] = pathsOf(stage, 'AWS::S3::Bucket')
  const source = idle.find(({ path }) => path.startsWith('recognise-snapshot/Function/'))
  const rule = idle.find(({ type }) => type === 'AWS::IoT::TopicRule')
  return [
    source ? ` ${bucket} has snapshots, but ${source.path} delivered none.` : '',
    rule ? ` ${rule.path} passes on no message of a door.` : '',
  ].join('')
}

const jpeg = Buffer.from('ffd8ffe000104a46494600', 'hex')

/** The form of the page, from the page's address. */
export async function uploadPhoto(stage: Stage, { browser, owner }: Home): Promise<void> {
  await step(stage, `${owner} uploads a photo`, async () => {
    const { text } = await browser.post('/v1/photos')
    const { url, fields }: { url: string; fields: Record<string, string> } = JSON.parse(text)
    const form = new FormData()
    for (const [name, value] of Object.entries(fields)) form.set(name, value)
    form.set('file', new Blob([jpeg]), 'photo.jpg')
    const stored = await fetch(url, {
      method: 'POST',
      body: form,
      headers: { origin: stage.origin },
    })
    if (!stored.ok)
      throw new RehearsalFailed(`${url} answers ${stored.status}: ${await stored.text()}`)
    if (stored.headers.get('access-control-allow-origin') === null) {
      throw new RehearsalFailed(`${url} does not let pages of ${stage.origin} upload.`)
    }
    await stage.settle()
  })
}
