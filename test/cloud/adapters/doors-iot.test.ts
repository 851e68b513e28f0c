import { IoTDataPlaneClient } from '@aws-sdk/client-iot-data-plane'
import { doorsIot } from '../../../cloud/adapters/doors-iot.ts'
import { doorsContract } from '../../contracts/cloud-doors.ts'

doorsContract('AWS IoT', {
  make: (settings) => doorsIot({ client: new IoTDataPlaneClient(settings) }),
  service: 'iotdata',
})
