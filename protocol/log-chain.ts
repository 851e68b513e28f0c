/**
 * The door's log is the list of its messages, each naming the hash of the one before. Door and
 * cloud compute that hash here, over the exact text that was written and sent.
 */
import { hash } from 'node:crypto'

/** What the first message names as its predecessor. */
export const chainStart = '0'.repeat(64)

export const chainHash = (text: string): string => hash('sha256', text)
