import type { Environment } from '../function-environment.ts'

/** These are shorter together than `sendingLeaseMs`: no other process sends while one still tries. */
export const retries = {
  maxAttempts: 3,
  retryMode: 'standard',
  requestHandler: {
    connectionTimeout: 2_000,
    requestTimeout: 5_000,
    // By default the SDK only logs a warning and goes on waiting.
    throwOnRequestTimeout: true,
  },
}

/** What every AWS client of a function is built with. `AWS_ENDPOINT_URL` is set in the simulation. */
export function clientOptionsFor(environment: Environment) {
  const { AWS_REGION, AWS_ENDPOINT_URL } = environment
  return {
    ...retries,
    ...(AWS_REGION !== undefined && { region: AWS_REGION }),
    ...(AWS_ENDPOINT_URL !== undefined && { endpoint: AWS_ENDPOINT_URL }),
    ...credentialsIn(environment),
  }
}

function credentialsIn(environment: Environment) {
  const { AWS_ACCESS_KEY_ID, AWS_SECRET_ACCESS_KEY, AWS_SESSION_TOKEN } = environment
  if (AWS_ACCESS_KEY_ID === undefined || AWS_SECRET_ACCESS_KEY === undefined) return {}
  return {
    credentials: {
      accessKeyId: AWS_ACCESS_KEY_ID,
      secretAccessKey: AWS_SECRET_ACCESS_KEY,
      ...(AWS_SESSION_TOKEN !== undefined && { sessionToken: AWS_SESSION_TOKEN }),
    },
  }
}
