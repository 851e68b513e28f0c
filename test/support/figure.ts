/** A measured figure of a test, for the table of `npm run attacks`. */
import type { TestContext } from 'vitest'

declare module 'vitest' {
  interface TaskMeta {
    figure?: string
  }
}

export function recordFigure({ task }: TestContext, figure: string): void {
  task.meta.figure = figure
}
