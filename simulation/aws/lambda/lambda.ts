/**
 * Lambda: runs the product's functions from source, each with its own environment and role. What the
 * handler of a function is, the caller says.
 */
import { randomUUID } from 'node:crypto'
import type { ServiceCall } from '../iam/iam.ts'
import type { Queue } from '../sqs/queues.ts'

export type Handler = (event: unknown) => Promise<unknown>
export type Environment = Readonly<Record<string, string>>

export interface LambdaOptions {
  nowMs(): number
  /** The handler of a function, by the name of its entry in cloud/functions/. */
  load(name: string, environment: Environment): Promise<Handler>
  /** Why a service may not invoke a function; null if it may. */
  refusedService?(call: ServiceCall): string | null
  /** Called after each run, with what it threw. */
  ran?(arn: string, fault: unknown): void
}

/** The service that invokes a function, and for which of its resources. */
export type Invoker = Pick<ServiceCall, 'service' | 'sourceArn'>

export interface NewFunction {
  readonly arn: string
  /** Of the entry in cloud/functions/. */
  readonly code: string
  readonly roleArn: string
  readonly environment: Environment
  readonly timeoutMs: number
}

/** What becomes of an event that was handed over and keeps failing. */
export interface AsyncInvokeConfig {
  readonly retries: number
  readonly maxAgeMs: number
  readonly onFailure: Queue | null
}

interface Deployed extends NewFunction {
  asyncInvoke: AsyncInvokeConfig
  handler: Promise<Handler> | null
}

interface Invocation {
  readonly fn: Deployed
  readonly event: unknown
  readonly requestId: string
  readonly sinceMs: number
  attempts: number
  dueMs: number
}

/** Work that a service does by itself when time has come. */
export interface Worker {
  /** How much was done. */
  work(nowMs: number): Promise<number>
  nextDueMs(): number | null
}

/** AWS waits a minute before the first retry and two before the second. */
const retryDelaysMs = [60_000, 120_000]
const usual: AsyncInvokeConfig = { retries: 2, maxAgeMs: 6 * 3_600_000, onFailure: null }

class FunctionError extends Error {
  override readonly name = 'FunctionError'
}

/** The policy of a function does not let this service invoke it. */
class InvocationRefused extends Error {
  override readonly name = 'AccessDeniedException'
}

export class Lambda implements Worker {
  readonly #options: LambdaOptions
  readonly #functions = new Map<string, Deployed>()
  readonly #waiting = new Set<Invocation>()
  readonly #running = new Set<Promise<void>>()

  constructor(options: LambdaOptions) {
    this.#options = options
  }

  create(created: NewFunction): void {
    this.#functions.set(created.arn, { ...created, asyncInvoke: usual, handler: null })
  }

  configureAsyncInvoke(arn: string, config: AsyncInvokeConfig): void {
    this.#function(arn).asyncInvoke = config
  }

  /** By the name of its entry in cloud/functions/. */
  arnOf(code: string): string {
    const [found] = [...this.#functions.values()].filter((one) => one.code === code)
    if (!found) throw new Error(`No function ${code} is deployed.`)
    return found.arn
  }

  environmentOf(arn: string): Environment {
    return this.#function(arn).environment
  }

  /** The variables of all functions together. */
  variables(): Environment {
    return Object.assign({}, ...[...this.#functions.values()].map((fn) => fn.environment))
  }

  /** Loads every function now instead of at its first event. */
  async warm(): Promise<void> {
    await Promise.allSettled([...this.#functions.values()].map((fn) => this.#handler(fn)))
  }

  timeoutMsOf(arn: string): number {
    return this.#function(arn).timeoutMs
  }

  roleOf(arn: string): string {
    return this.#function(arn).roleArn
  }

  /** Waits for the answer, and throws when the function fails. Without `by`, for an event source. */
  async invoke(arn: string, event: unknown, by?: Invoker): Promise<unknown> {
    if (by) this.#admit(arn, by)
    return this.#run(this.#function(arn), event)
  }

  /** Takes the event and runs the function, again if it fails. */
  invokeLater(arn: string, event: unknown, by: Invoker): void {
    this.#admit(arn, by)
    const nowMs = this.#options.nowMs()
    const begun = { attempts: 0, sinceMs: nowMs, dueMs: nowMs, requestId: randomUUID() }
    this.#start({ ...begun, fn: this.#function(arn), event })
  }

  /** Resolves when no asynchronously invoked function runs. */
  async idle(): Promise<void> {
    while (this.#running.size > 0) await Promise.all(this.#running)
  }

  isBusy(): boolean {
    return this.#running.size > 0
  }

  async work(nowMs: number): Promise<number> {
    const due = [...this.#waiting].filter(({ dueMs }) => dueMs <= nowMs)
    for (const invocation of due) {
      this.#waiting.delete(invocation)
      this.#start(invocation)
    }
    await this.idle()
    return due.length
  }

  nextDueMs(): number | null {
    const due = [...this.#waiting].map(({ dueMs }) => dueMs)
    return due.length > 0 ? Math.min(...due) : null
  }

  #admit(arn: string, by: Invoker): void {
    const call = { ...by, action: 'lambda:InvokeFunction', resource: arn }
    const refusal = this.#options.refusedService?.(call)
    if (refusal) throw new InvocationRefused(refusal)
  }

  #function(arn: string): Deployed {
    const found = this.#functions.get(arn)
    if (!found) throw new Error(`ResourceNotFoundException: Function not found: ${arn}`)
    return found
  }

  #handler(fn: Deployed): Promise<Handler> {
    fn.handler ??= this.#options.load(fn.code, fn.environment)
    return fn.handler
  }

  async #run(fn: Deployed, event: unknown): Promise<unknown> {
    try {
      const answer = await this.#answer(fn, event)
      this.#options.ran?.(fn.arn, null)
      return answer
    } catch (fault) {
      this.#options.ran?.(fn.arn, fault)
      throw fault
    }
  }

  /** Events and answers are JSON. A function that takes too long goes on here, but has failed. */
  async #answer(fn: Deployed, event: unknown): Promise<unknown> {
    const handler = await this.#handler(fn)
    const late = Promise.withResolvers<never>()
    const seconds = (fn.timeoutMs / 1_000).toFixed(2)
    const timer = setTimeout(
      () => late.reject(new FunctionError(`Task timed out after ${seconds} seconds`)),
      fn.timeoutMs,
    )
    try {
      return asJson(await Promise.race([handler(asJson(event)), late.promise]))
    } finally {
      clearTimeout(timer)
    }
  }

  #start(invocation: Invocation): void {
    const running = this.#attempt(invocation).finally(() => this.#running.delete(running))
    this.#running.add(running)
  }

  async #attempt(invocation: Invocation): Promise<void> {
    const { fn, sinceMs } = invocation
    const { retries, maxAgeMs } = fn.asyncInvoke
    invocation.attempts += 1
    try {
      await this.#run(fn, invocation.event)
    } catch (error) {
      const nth = invocation.attempts - 1
      invocation.dueMs = this.#options.nowMs() + (retryDelaysMs[nth] ?? 0)
      const isTooOld = invocation.dueMs - sinceMs > maxAgeMs
      if (nth < retries && !isTooOld) this.#waiting.add(invocation)
      else this.#giveUp(invocation, error)
    }
  }

  #giveUp({ fn, event, requestId, attempts }: Invocation, error: unknown): void {
    const nowMs = this.#options.nowMs()
    const message = {
      ...{ version: '1.0', timestamp: new Date(nowMs).toISOString() },
      requestContext: {
        ...{ requestId, functionArn: `${fn.arn}:$LATEST`, condition: 'RetriesExhausted' },
        approximateInvokeCount: attempts,
      },
      requestPayload: event,
      responseContext: { statusCode: 200, executedVersion: '$LATEST', functionError: 'Unhandled' },
      responsePayload: { errorMessage: error instanceof Error ? error.message : String(error) },
    }
    fn.asyncInvoke.onFailure?.put(JSON.stringify(message), nowMs)
  }
}

const asJson = (value: unknown): unknown =>
  value === undefined ? null : JSON.parse(JSON.stringify(value))
