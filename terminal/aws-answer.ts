/** Whether AWS answered a call with a refusal, or was never reached. */
export const answerOf = (error: Error): string =>
  '$metadata' in error && Object(error.$metadata).httpStatusCode !== undefined
    ? 'AWS refused it'
    : 'AWS was not reached'
