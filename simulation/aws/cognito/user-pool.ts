/** One user pool: its users with their passwords, and what they are signed in with. */
import { randomBytes, randomInt, randomUUID } from 'node:crypto'
import { AwsError } from '../wire.ts'
import { type ClientSettings, type PoolSettings, standardAttributes } from './settings.ts'
import { newSigningKey, type SigningKey } from './tokens.ts'

export type Attributes = Readonly<Record<string, string>>

export interface User {
  /** With addresses as user names, this is the `sub`. */
  readonly username: string
  attributes: Attributes
  enabled: boolean
  status: 'FORCE_CHANGE_PASSWORD' | 'CONFIRMED'
  password: { readonly text: string; readonly untilMs: number | null }
  readonly createdAtMs: number
  changedAtMs: number
}

export interface Client extends ClientSettings {
  readonly clientId: string
  branded: boolean
}

/** A finished sign-in, from which tokens are made. */
export interface Session {
  readonly user: User
  readonly client: Client
  readonly scopes: readonly string[]
  readonly nonce: string | null
  readonly signedInAtMs: number
  readonly originId: string
}

export class UserPool {
  readonly id: string
  readonly settings: PoolSettings
  readonly nowMs: () => number
  readonly clients = new Map<string, Client>()
  readonly users = new Map<string, User>()
  readonly refreshTokens = new Map<string, Session & { readonly untilMs: number }>()
  domain: string | null = null
  #key: Promise<SigningKey> | null = null

  constructor(id: string, settings: PoolSettings, nowMs: () => number) {
    this.id = id
    this.settings = settings
    this.nowMs = nowMs
  }

  get key(): Promise<SigningKey> {
    this.#key ??= newSigningKey()
    return this.#key
  }

  addClient(settings: ClientSettings): Client {
    for (const name of [settings.ReadAttributes, settings.WriteAttributes].flatMap(
      (of) => of ?? [],
    )) {
      if (!this.#hasAttribute(name)) throw invalid(`Invalid attribute specified: ${name}`)
    }
    const clientId = Array.from({ length: 26 }, () => randomInt(36).toString(36)).join('')
    const client = { ...settings, clientId, branded: false }
    this.clients.set(clientId, client)
    return client
  }

  /** By address or `sub`. Addresses are compared without their case. */
  find(name: string): User | null {
    const email = name.toLowerCase()
    const byEmail = () =>
      [...this.users.values()].find(({ attributes }) => attributes['email'] === email)
    return this.users.get(name) ?? byEmail() ?? null
  }

  get(name: string): User {
    const user = this.find(name)
    if (user) return user
    throw new AwsError(400, 'UserNotFoundException', 'User does not exist.')
  }

  /** Throws for attributes that the pool does not have. */
  create(email: string, given: Attributes, password: string | null): User {
    if (!/^[^\s@]+@[^\s@]+\.[^\s@]+$/.test(email)) throw invalid('Username should be an email.')
    if (this.find(email))
      throw new AwsError(400, 'UsernameExistsException', 'User account already exists')
    this.#checkAttributes(given)
    const nowMs = this.nowMs()
    const username = randomUUID()
    const attributes = { sub: username, ...given, email: email.toLowerCase() }
    const user: User = {
      ...{ username, attributes, enabled: true, status: 'FORCE_CHANGE_PASSWORD' },
      ...{ password: this.#temporary(password), createdAtMs: nowMs, changedAtMs: nowMs },
    }
    this.users.set(username, user)
    return user
  }

  renewTemporaryPassword(user: User, password: string | null): void {
    user.password = this.#temporary(password)
    user.changedAtMs = this.nowMs()
  }

  setPassword(user: User, text: string): void {
    this.checkPassword(text)
    user.password = { text, untilMs: null }
    user.status = 'CONFIRMED'
    user.changedAtMs = this.nowMs()
  }

  checkPassword(text: string): void {
    const policy = this.settings.Policies.PasswordPolicy
    const rules: readonly (readonly [boolean, RegExp, string])[] = [
      [true, new RegExp(`^.{${policy.MinimumLength},}$`), 'not long enough'],
      [policy.RequireLowercase, /[a-z]/, 'must have lowercase characters'],
      [policy.RequireUppercase, /[A-Z]/, 'must have uppercase characters'],
      [policy.RequireNumbers, /\d/, 'must have numeric characters'],
      [policy.RequireSymbols, /[^A-Za-z0-9]/, 'must have symbol characters'],
    ]
    const [, , broken] = rules.find(([applies, pattern]) => applies && !pattern.test(text)) ?? []
    if (broken === undefined) return
    const message = `Password did not conform with policy: Password ${broken}`
    throw new AwsError(400, 'InvalidPasswordException', message)
  }

  /** The user, if the password is right and still valid. */
  authenticate(email: string, password: string): User | null {
    const user = this.find(email)
    if (!user?.enabled || user.password.text !== password) return null
    const { untilMs } = user.password
    return untilMs !== null && untilMs <= this.nowMs() ? null : user
  }

  newRefreshToken(session: Session): string {
    const token = randomBytes(64).toString('base64url')
    const untilMs = this.nowMs() + session.client.RefreshTokenValidity * 60_000
    this.refreshTokens.set(token, { ...session, untilMs })
    return token
  }

  signOutEverywhere(user: User): void {
    for (const [token, session] of this.refreshTokens) {
      if (session.user === user) this.refreshTokens.delete(token)
    }
  }

  #temporary(given: string | null): User['password'] {
    const text = given ?? `${randomBytes(9).toString('base64url')}aA1!`
    this.checkPassword(text)
    const days = this.settings.Policies.PasswordPolicy.TemporaryPasswordValidityDays
    return { text, untilMs: this.nowMs() + days * 86_400_000 }
  }

  #hasAttribute = (name: string): boolean =>
    standardAttributes.includes(name) ||
    this.settings.Schema.some(({ Name }) => `custom:${Name}` === name)

  #checkAttributes(given: Attributes): void {
    for (const [name, value] of Object.entries(given)) {
      const problem = this.#problemWith(name, value)
      if (problem) throw invalid(`Attributes did not conform to the schema: ${name}: ${problem}`)
    }
  }

  #problemWith(name: string, value: string): string | null {
    if (!this.#hasAttribute(name)) return 'Attribute does not exist in the schema.'
    const own = this.settings.Schema.find(({ Name }) => `custom:${Name}` === name)
    const longest = own?.StringAttributeConstraints.MaxLength ?? 2_048
    return value.length > longest ? 'String must be no longer than the defined maximum' : null
  }
}

export const invalid = (message: string): AwsError =>
  new AwsError(400, 'InvalidParameterException', message)
