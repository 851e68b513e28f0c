import { mailSes } from '../../../cloud/aws/ses/mail.ts'
import { mailContract } from '../../contracts/cloud/mail.ts'
import { json } from '../../support/network/scripted-service.ts'

const from = 'Smart door <door@door.example>'

mailContract('SES', {
  make: (settings) => mailSes(settings, { from, configurationSet: 'smart-door' }),
  service: 'ses',
  from,
  emptyAnswer: json(200, {}),
  refusal: (words) => json(400, { __type: 'MessageRejected', message: words }),
})
