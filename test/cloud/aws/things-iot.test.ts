import {
  AttachThingPrincipalCommand,
  CreateCertificateFromCsrCommand,
  CreateThingCommand,
  IoTClient,
} from '@aws-sdk/client-iot'
import { thingsIot } from '../../../cloud/aws/iot/things.ts'
import { thingsContract } from '../../contracts/cloud/things.ts'

thingsContract('AWS IoT', {
  make: (settings) => thingsIot({ client: new IoTClient(settings) }),
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
