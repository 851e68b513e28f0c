import { doorsIot } from '../../../cloud/aws/iot/doors.ts'
import { doorsContract } from '../../contracts/cloud/doors.ts'

doorsContract('AWS IoT', {
  make: (settings) => doorsIot(settings),
  service: 'iotdata',
})
