import { setTimeout as sleep } from 'node:timers/promises'
import type { Account } from './account.ts'

const pauseMs = 20

/** AWS goes on working while a command waits for it. */
export async function whileWorking<T>(
  { work }: Pick<Account, 'work'>,
  command: Promise<T>,
): Promise<T> {
  let isOver = false
  const over = command.finally(() => {
    isOver = true
  })
  over.catch(() => {})
  while (!isOver) {
    await work()
    await sleep(pauseMs)
  }
  return over
}
