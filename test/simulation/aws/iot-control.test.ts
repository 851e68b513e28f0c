/** What the stand-in refuses, as AWS would: a door that is set up well is tried with `provision`. */
import {
  AttachPolicyCommand,
  AttachThingPrincipalCommand,
  CreateCertificateFromCsrCommand,
  CreateThingCommand,
  DeleteCertificateCommand,
  DescribeEndpointCommand,
  DescribeThingCommand,
  IoTClient,
  UpdateCertificateCommand,
} from '@aws-sdk/client-iot'
import { afterEach, beforeEach, expect, test } from 'vitest'
import { type AwsServer, startAws } from '../../../simulation/aws/server.ts'
import { failureOf, settingsFor } from './aws-clients.ts'

let standIn: AwsServer
let client: IoTClient

beforeEach(async () => {
  const sign = (request: string) => {
    if (!request.startsWith('-----BEGIN')) throw new Error('no request')
    return `certificate for ${request}`
  }
  standIn = await startAws({ iotControl: { policies: ['smart-door'], sign } })
  client = new IoTClient(settingsFor(standIn.url))
})
afterEach(async () => {
  client.destroy()
  await standIn.close()
})

const certified = () =>
  client.send(
    new CreateCertificateFromCsrCommand({
      ...{ certificateSigningRequest: '-----BEGIN', setAsActive: true },
    }),
  )

test('knows no stranger', async () => {
  const stranger = new IoTClient(settingsFor(standIn.url, 'wrong'))
  const asked = stranger.send(new DescribeThingCommand({ thingName: 'door' }))
  expect((await failureOf(asked)).status).toBe(403)
  stranger.destroy()
})

test('knows nothing that was not made', async () => {
  const nobody = 'arn:aws:iot:eu-central-1:000000000000:cert/nobody'
  const asked = [
    client.send(new DescribeThingCommand({ thingName: 'door' })),
    client.send(new DescribeEndpointCommand({ endpointType: 'iot:Data-ATS' })),
    client.send(new AttachPolicyCommand({ policyName: 'smart-door', target: nobody })),
    client.send(new AttachThingPrincipalCommand({ thingName: 'door', principal: nobody })),
  ]
  for (const one of asked) {
    expect(await failureOf(one)).toEqual({ name: 'ResourceNotFoundException', status: 404 })
  }
})

test('signs requests and nothing else', async () => {
  const asked = client.send(
    new CreateCertificateFromCsrCommand({ certificateSigningRequest: 'please' }),
  )
  expect((await failureOf(asked)).name).toBe('InvalidRequestException')
})

test('removes no certificate that is still of use', async () => {
  await client.send(new CreateThingCommand({ thingName: 'door' }))
  const { certificateId, certificateArn: principal } = await certified()
  const remove = () => failureOf(client.send(new DeleteCertificateCommand({ certificateId })))
  await client.send(new AttachThingPrincipalCommand({ thingName: 'door', principal }))
  expect((await remove()).name).toBe('CertificateStateException')
  await client.send(new UpdateCertificateCommand({ certificateId, newStatus: 'INACTIVE' }))
  expect((await remove()).name).toBe('DeleteConflictException')
})
