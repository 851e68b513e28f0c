/**
 * Takes the place of the SDK's search for settings in files of a home folder and in a machine's
 * metadata. A function has its settings in its environment and no home.
 */

/** The SDK asks one source after the other; the last one is its own default. */
class NothingHere extends Error {
  override readonly name = 'NothingHere'
  readonly tryNextLink = true
}

export const fromSharedConfigFiles = () => async (): Promise<never> => {
  throw new NothingHere('A function has no files of settings.')
}

export const getInstanceMetadataRegion = async (): Promise<undefined> => undefined
