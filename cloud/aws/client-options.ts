/**
 * What every AWS client is built with. Region, credentials and, in the simulation,
 * `AWS_ENDPOINT_URL` come from the environment. Three attempts of five seconds are shorter than
 * `sendingLeaseMs`, so no other process starts to send while one still tries.
 */
export const clientOptions = {
  maxAttempts: 3,
  retryMode: 'standard',
  requestHandler: {
    connectionTimeout: 2_000,
    requestTimeout: 5_000,
    // By default the SDK only logs a warning and goes on waiting.
    throwOnRequestTimeout: true,
  },
}
