/** What AWS IoT has registered of doors: only one function asks, and for every event. */
import { IoTClient } from '@aws-sdk/client-iot'
import { thingsIot } from '../aws/iot/things.ts'
import { awsSettings } from '../aws/settings.ts'

export const things = () => thingsIot({ client: new IoTClient(awsSettings) })
