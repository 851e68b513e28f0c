/** The real SDK clients, all pointed at one stand-in, without retries unless a test wants them. */
import { IoTDataPlaneClient } from '@aws-sdk/client-iot-data-plane'
import { PinpointSMSVoiceV2Client } from '@aws-sdk/client-pinpoint-sms-voice-v2'
import { RekognitionClient } from '@aws-sdk/client-rekognition'
import { S3Client } from '@aws-sdk/client-s3'
import { SecretsManagerClient } from '@aws-sdk/client-secrets-manager'
import { SESv2Client } from '@aws-sdk/client-sesv2'
import { SNSClient } from '@aws-sdk/client-sns'
import { SQSClient } from '@aws-sdk/client-sqs'

export function settingsFor(endpoint: string, secretAccessKey = 'test') {
  const credentials = { accessKeyId: 'test', secretAccessKey }
  return { endpoint, region: 'eu-central-1', credentials, maxAttempts: 1 }
}

export function awsClients(settings: ReturnType<typeof settingsFor>) {
  const all = {
    iot: new IoTDataPlaneClient(settings),
    smsVoice: new PinpointSMSVoiceV2Client(settings),
    rekognition: new RekognitionClient(settings),
    s3: new S3Client(settings),
    secrets: new SecretsManagerClient(settings),
    ses: new SESv2Client(settings),
    sns: new SNSClient(settings),
    sqs: new SQSClient(settings),
  }
  return {
    ...all,
    destroy() {
      for (const client of Object.values(all)) client.destroy()
    },
  }
}

/** What went wrong, as a client's user sees it. */
export async function failureOf(
  doing: Promise<unknown>,
): Promise<{ name: string; status: number | undefined }> {
  try {
    await doing
  } catch (error) {
    if (!(error instanceof Error)) throw error
    const metadata = '$metadata' in error ? error.$metadata : null
    const status =
      typeof metadata === 'object' && metadata !== null && 'httpStatusCode' in metadata
        ? Number(metadata.httpStatusCode)
        : undefined
    return { name: error.name, status }
  }
  return { name: 'it worked', status: 200 }
}
