/** What the rehearsal needs: an account, a shell, people with browsers, and computers at doors. */
import type { Deployment } from '../../simulation/aws/deploy.ts'
import type { AwsServer } from '../../simulation/aws/server.ts'
import type { OwnersAnswer } from '../../simulation/cloud/answer-mail.ts'
import type { Person as Face } from '../../simulation/scenes/drawn-faces.ts'

export interface Stage {
  readonly aws: AwsServer
  /** Where the pages are. */
  readonly origin: string
  say(sentence: string): void
  nowMs(): number
  /** What is deployed now; throws before. */
  deployment(): Deployment
  /** Puts settings into the `context` of cdk.json. */
  choose(settings: Readonly<Record<string, string>>): void
  /** One line of the document, in the owner's shell, and what it prints. */
  run(line: string): Promise<string>
  newBrowser(): Promise<Browser>
  /** A computer with a config file. */
  newDoor(doorId: string): Promise<Door>
  /** Does what is due in the cloud, also what becomes due in some seconds. */
  settle(): Promise<void>
  /** Null where time cannot be moved, nor functions changed. */
  readonly lab: Lab | null
  /** What went wrong so far without anyone noticing, in sentences; each once. */
  troubles(): readonly string[]
  close(): Promise<void>
}

export interface Lab {
  /** Lets so much time pass, and does what is due by then. */
  pass(ms: number): Promise<void>
  /** While this works, every function throws. */
  withBrokenFunctions(work: () => Promise<void>): Promise<void>
}

export interface Browser {
  /** With the password of an invitation; then chooses another. What the page then says. */
  signIn(email: string, password: string): Promise<string>
  get(path: string): Promise<{ readonly status: number; readonly text: string }>
  post(path: string): Promise<{ readonly status: number; readonly text: string }>
  /** Follows the link of a mail. The heading of the page that comes back. */
  answer(mail: Mail, answer: OwnersAnswer): Promise<string>
}

interface Mail {
  readonly subject: string
  readonly text: string
}

export interface Door {
  readonly doorId: string
  /** One line of the document, in the installer's shell. */
  run(line: string): Promise<string>
  /** Starts the daemon with the config. */
  start(): Promise<void>
  /** Somebody stands at the door until the cloud has two snapshots of them. */
  sees(face: Face): Promise<void>
  /** What the keypad answers. */
  enter(code: string): Promise<string>
  /** Whether AWS takes a message of this door under the name of another. */
  passesAs(doorId: string): Promise<boolean>
}

/** What an owner would have seen, and what the account says about it. */
export class RehearsalFailed extends Error {
  override readonly name = 'RehearsalFailed'
}

/** What people choose in place of the invitation's password. */
export const newPassword = 'Correct-horse-battery-9'
