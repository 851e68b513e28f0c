/** A door that nobody told of a cloud: it judges the codes that it has, and keeps its messages. */
import type { CloudLink } from '../daemon/ports.ts'

export const noLink = (): CloudLink => ({
  start() {},
  publish: () => Promise.reject(new Error('This door has no line to a cloud.')),
  async stop() {},
})
