/** A denied call, answered as the service itself would answer. */
import { AwsError } from '../wire.ts'
import type { Refusal } from './evaluate.ts'
import type { Need } from './records.ts'

interface Denied {
  readonly user: string
  readonly need: Need
  readonly refusal: NonNullable<Refusal>
}

export function denial(service: string, denied: Denied): AwsError {
  if (service === 'rekognition' && denied.need.action.startsWith('s3:')) return pictureNotRead
  const { status = 400, code = 'AccessDeniedException', message = usual } = answers[service] ?? {}
  return new AwsError(status, code, message(denied))
}

const usual = ({ user, need: { action, resource }, refusal }: Denied): string =>
  `User: ${user} is not authorized to perform: ${action} on resource: ${resource} ${reason(refusal, action)}`

const reason = (refusal: NonNullable<Refusal>, action: string): string =>
  refusal === 'explicit identity' || refusal === 'explicit resource'
    ? `with an explicit deny in ${refusal === 'explicit identity' ? 'an identity' : 'a resource'}-based policy`
    : `because ${refusal.replace(' allow', ' policy allows')} the ${action} action`

interface Style {
  readonly status?: number
  readonly code?: string
  readonly message?: (denied: Denied) => string
}

const withAction =
  (change: (action: string) => string) =>
  ({ need, ...more }: Denied): string =>
    usual({ ...more, need: { ...need, action: change(need.action) } })

const answers: Readonly<Record<string, Style>> = {
  s3: {
    status: 403,
    code: 'AccessDenied',
    message: ({ need, ...more }) =>
      usual({ ...more, need: { ...need, resource: `"${need.resource}"` } }),
  },
  sns: {
    status: 403,
    code: 'AuthorizationError',
    message: withAction((action) => action.replace('sns:', 'SNS:')),
  },
  sqs: { message: withAction((action) => action.toLowerCase()) },
  ses: {
    status: 403,
    message: ({ user, need: { action, resource } }) =>
      `User \`${user}' is not authorized to perform \`${action}' on resource \`${resource}'`,
  },
  iot: { status: 403 },
  iotdata: { status: 403, code: 'ForbiddenException', message: () => 'Forbidden' },
  kinesisvideo: { status: 403 },
}

const pictureNotRead = new AwsError(
  400,
  'InvalidS3ObjectException',
  'Unable to get object metadata from S3. Check object key, region and/or access permissions.',
)
