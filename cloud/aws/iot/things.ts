/** What AWS IoT has registered of doors: only looked at, never changed. */
import { type IoTClient, ListThingPrincipalsCommand } from '@aws-sdk/client-iot'
import type { Things } from '../../ports.ts'

export const thingsIot = ({ client }: { readonly client: IoTClient }): Things => ({
  async hasCertificate(thingName) {
    const { principals = [] } = await client.send(new ListThingPrincipalsCommand({ thingName }))
    return principals.length > 0
  },
})
