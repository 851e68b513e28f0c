import { SESv2Client } from '@aws-sdk/client-sesv2'
import { mailSes } from '../../../cloud/aws/ses/mail.ts'
import { mailContract } from '../../contracts/cloud/mail.ts'
import { json } from '../../support/network/scripted-service.ts'

const from = 'Smart door <door@door.example>'

mailContract('SES', {
  make: (settings) => mailSes({ client: new SESv2Client(settings), from }),
  service: 'ses',
  from,
  emptyAnswer: json(200, {}),
  refusal: (words) => json(400, { __type: 'MessageRejected', message: words }),
})
