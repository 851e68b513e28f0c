/**
 * What every AWS client is built with, as `new S3Client(awsSettings)`. Region, credentials and, in
 * the simulation, `AWS_ENDPOINT_URL` come from the environment by themselves.
 */

/**
 * Three attempts of five seconds stay below the lease of whoever is sending (`sendingLeaseMs`), so
 * nobody else begins while the first one is still trying.
 */
export const awsSettings = {
  maxAttempts: 3,
  retryMode: 'standard',
  requestHandler: {
    connectionTimeout: 2_000,
    requestTimeout: 5_000,
    // Without this the SDK only writes a warning and goes on waiting.
    throwOnRequestTimeout: true,
  },
}
