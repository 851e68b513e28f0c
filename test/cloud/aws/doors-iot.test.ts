import { IoTDataPlaneClient } from '@aws-sdk/client-iot-data-plane'
import { doorsIot } from '../../../cloud/aws/iot/doors.ts'
import { doorsContract } from '../../contracts/cloud/doors.ts'

doorsContract('AWS IoT', {
  make: (settings) => doorsIot({ client: new IoTDataPlaneClient(settings) }),
  service: 'iotdata',
})
