import { PutSecretValueCommand, SecretsManagerClient } from '@aws-sdk/client-secrets-manager'
import { secretsManager } from '../../../cloud/aws/secrets-manager/secrets.ts'
import { secretsContract } from '../../contracts/cloud/secrets.ts'
import { json } from '../../support/network/scripted-service.ts'

secretsContract('Secrets Manager', {
  make: (settings, nowMs) => secretsManager(settings, { nowMs }),
  service: 'secretsmanager',
  async replace(settings, doorId, stored) {
    const SecretId = `smart-door/door-key/${doorId}`
    const asked = new PutSecretValueCommand({ SecretId, SecretString: stored })
    await new SecretsManagerClient(settings).send(asked)
  },
  reply: (stored) => json(200, { Name: 'a door key', SecretString: stored }),
})
