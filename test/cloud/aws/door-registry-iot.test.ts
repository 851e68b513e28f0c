import {
  AttachThingPrincipalCommand,
  CreateCertificateFromCsrCommand,
  CreateThingCommand,
  IoTClient,
} from '@aws-sdk/client-iot'
import { doorRegistryIot } from '../../../cloud/aws/iot/door-registry.ts'
import { doorRegistryContract } from '../../contracts/cloud/door-registry.ts'

doorRegistryContract('AWS IoT', {
  make: (settings) => doorRegistryIot(settings),
  service: 'iot',
  async register(settings, thingName, certified) {
    const client = new IoTClient(settings)
    await client.send(new CreateThingCommand({ thingName }))
    if (!certified) return
    const request = { certificateSigningRequest: thingName, setAsActive: true }
    const { certificateArn: principal } = await client.send(
      new CreateCertificateFromCsrCommand(request),
    )
    await client.send(new AttachThingPrincipalCommand({ thingName, principal }))
  },
})
