/**
 * Takes the place of the SDK's search for credentials in every bundle. A function gets its role's
 * in its environment and nowhere else, so files, metadata addresses and sign-in pages need neither
 * be carried along nor be asked.
 */

interface Credentials {
  readonly accessKeyId: string
  readonly secretAccessKey: string
  readonly sessionToken?: string
}

/** Called by the SDK as it calls `@aws-sdk/credential-provider-node`. */
export const defaultProvider = () => async (): Promise<Credentials> => {
  const {
    AWS_ACCESS_KEY_ID: accessKeyId,
    AWS_SECRET_ACCESS_KEY: secretAccessKey,
    AWS_SESSION_TOKEN: sessionToken,
  } = process.env
  if (!accessKeyId || !secretAccessKey) throw new Error('The environment has no credentials of AWS')
  return { accessKeyId, secretAccessKey, ...(sessionToken && { sessionToken }) }
}
