/** For AWS's answer that something is not there: null. Throws any other. */
export function ifMissing(error: unknown): null {
  if (error instanceof Error && error.name === 'ResourceNotFoundException') return null
  throw error
}
