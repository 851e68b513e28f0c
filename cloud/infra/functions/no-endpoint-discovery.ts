/**
 * Takes the place of the SDK's search for endpoints, which DynamoDB's client brings along with a
 * cache of a thousand places, although no table of ours has any but its region's.
 */

export const resolveEndpointDiscoveryConfig = <Config>(config: Config): Config => config

const notSet = (): undefined => undefined

export const NODE_ENDPOINT_DISCOVERY_CONFIG_OPTIONS = {
  environmentVariableSelector: notSet,
  configFileSelector: notSet,
  default: undefined,
}
