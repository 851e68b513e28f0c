/** The doors that are registered in AWS IoT. Reads only. */
import { IoTClient, type IoTClientConfig, ListThingPrincipalsCommand } from '@aws-sdk/client-iot'
import type { DoorRegistry } from '../../ports.ts'

export function doorRegistryIot(options: IoTClientConfig): DoorRegistry {
  const client = new IoTClient(options)
  return {
    async hasCertificate(thingName) {
      const { principals = [] } = await client.send(new ListThingPrincipalsCommand({ thingName }))
      return principals.length > 0
    },
  }
}
