/** Statistics of samples. The input is never modified. */

export const mean = (samples: readonly number[]): number =>
  samples.reduce((sum, sample) => sum + sample, 0) / samples.length

/** The smallest sample that at least `share` of all samples do not exceed. */
export function percentile(samples: readonly number[], share: number): number {
  const place = Math.max(0, Math.ceil(samples.length * share) - 1)
  return inOrder(samples)[place] ?? Number.NaN
}

export const median = (samples: readonly number[]): number => percentile(samples, 0.5)

/** Without the slowest `share`, which other programs on the machine cause. */
export const withoutSlowest = (samples: readonly number[], share: number): readonly number[] =>
  inOrder(samples).slice(0, samples.length - Math.floor(samples.length * share))

/**
 * Yuen's form of Welch's t: means of the samples without `share` at either end, and winsorized
 * variances. Plain variances of the trimmed samples would overstate the certainty.
 */
export function trimmedWelchT(a: readonly number[], b: readonly number[], share: number): number {
  const [left, right] = [trimmed(a, share), trimmed(b, share)]
  return (left.mean - right.mean) / Math.sqrt(left.squaredError + right.squaredError)
}

export const trimmedMean = (samples: readonly number[], share: number): number =>
  trimmed(samples, share).mean

function trimmed(samples: readonly number[], share: number) {
  const sorted = inOrder(samples)
  const cut = Math.floor(sorted.length * share)
  const left = sorted.slice(cut, sorted.length - cut)
  const [lowest = 0, highest = 0] = [left[0], left.at(-1)]
  const drawnIn = sorted.map((sample) => Math.min(highest, Math.max(lowest, sample)))
  const middle = mean(drawnIn)
  const squares = drawnIn.reduce((sum, sample) => sum + (sample - middle) ** 2, 0)
  return { mean: mean(left), squaredError: squares / (left.length * (left.length - 1)) }
}

const inOrder = (samples: readonly number[]): number[] => samples.toSorted((a, b) => a - b)
