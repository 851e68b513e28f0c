/** Says what went wrong in an account, by the paths of the template. */
import type { RefusedCall } from '../../simulation/aws/requests.ts'
import { RehearsalFailed, type Stage } from './stage.ts'

/** One step. It fails also when something went wrong that no person would have noticed. */
export async function step<T>(
  stage: Stage,
  sentence: string,
  work: () => Promise<T>,
  { expectsTroubles = false } = {},
): Promise<T> {
  stage.say(sentence)
  const refusedBefore = stage.aws.refusedCalls.length
  const troublesBefore = new Set(stage.troubles())
  const troubles = () =>
    expectsTroubles ? [] : stage.troubles().filter((one) => !troublesBefore.has(one))
  try {
    const result = await work()
    const [trouble] = troubles()
    if (trouble === undefined) return result
    throw new RehearsalFailed(trouble)
  } catch (error) {
    const reason = error instanceof Error ? error.message : String(error)
    const refused = stage.aws.refusedCalls.slice(refusedBefore).findLast(isTelling)
    const causes = [troubles()[0], refused && sentenceAbout(refused)]
    const all = causes.reduce<string>(
      (text, cause) => (!cause || text.includes(cause) ? text : `${text} ${cause}`),
      reason,
    )
    throw new RehearsalFailed(withPaths(stage, `${sentence}: ${all}`), { cause: error })
  }
}

/** That something is not there, or was changed before, is part of many calls. */
const isTelling = ({ code, message }: RefusedCall): boolean =>
  !/NotFound|ConditionalCheckFailed|TransactionCanceled|AlreadyExists|does not exist/.test(
    `${code} ${message}`,
  )

const sentenceAbout = ({ service, operation, code, message, resources }: RefusedCall): string =>
  `${service} ${operation}${resources.length > 0 ? ` on ${resources.join(', ')}` : ''}: ${code} ${message}`

/** Puts the path of the template in place of every name that AWS made. */
function withPaths(stage: Stage, sentence: string): string {
  const paths = new Map(
    resourcesOf(stage)
      .filter(({ type }) => !namedByOwner.includes(type))
      .flatMap(({ names, path }) => names.map((name) => [name, path] as const))
      .filter(([name]) => name.length >= shortestName && name !== 'smart-door'),
  )
  const longestFirst = [...paths.keys()].sort((one, other) => other.length - one.length)
  if (longestFirst.length === 0) return sentence
  const pattern = new RegExp(longestFirst.map(literal).join('|'), 'g')
  return sentence.replace(assumedRole, '$1').replace(pattern, (name) => paths.get(name) ?? name)
}

/** The session of a function is named like its role, that of a door like the door. */
const assumedRole = /arn:aws:sts::\d+:assumed-role\/([^/\s]+)\/[\w-]+/g

const literal = (text: string): string => text.replace(/[.*+?^$()|[\]{}\\]/g, '\\$&')

/** Their names are those of the doors. */
const namedByOwner: readonly string[] = ['AWS::IoT::Thing', 'AWS::KinesisVideo::Stream']
/** Shorter ones, such as `$default`, are also words. */
const shortestName = 10

/** None before the first deployment. */
export function resourcesOf(stage: Stage) {
  try {
    return stage.deployment().stack.resources
  } catch {
    return []
  }
}

export function pathsOf(stage: Stage, type: string): readonly string[] {
  return resourcesOf(stage)
    .filter((one) => one.type === type)
    .map(({ path }) => path)
}
