/** Whom a request would put on file: the same for the same request, whoever asks and however often. */
import { createHash } from 'node:crypto'
import { type RequestRef, requestId } from '../approvals/core/approval.ts'

export const visitorIdOf = (request: RequestRef): string =>
  createHash('sha256').update(requestId(request)).digest('hex').slice(0, 32)
