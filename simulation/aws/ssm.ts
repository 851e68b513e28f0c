/** Systems Manager's parameters, read-only. They are given at the start. */
import * as z from 'zod/mini'
import { parsed, targetService } from './json-services.ts'
import { AwsError, type AwsService } from './wire.ts'

const getInput = z.object({ Name: z.string(), WithDecryption: z.optional(z.boolean()) })

export interface SsmOptions {
  nowMs(): number
  readonly region: string
  readonly parameters: ReadonlyMap<string, string>
}

export function ssm({ nowMs, region, parameters }: SsmOptions): AwsService {
  const getParameter = (input: unknown) => {
    const { Name } = parsed(getInput, input)
    const value = parameters.get(Name)
    if (value === undefined) throw new AwsError(400, 'ParameterNotFound', `${Name} not found`)
    return {
      Parameter: {
        Name,
        Type: 'String',
        Value: value,
        Version: 1,
        DataType: 'text',
        LastModifiedDate: nowMs() / 1000,
        ARN: `arn:aws:ssm:${region}:000000000000:parameter/${Name.replace(/^\//, '')}`,
      },
    }
  }
  return targetService({
    name: 'ssm',
    target: 'AmazonSSM',
    version: '1.1',
    operations: { GetParameter: getParameter },
  })
}
