/** Leaves nothing behind, however this program ends: no daemon, no folder, no mount. */

const undone = new Set<() => void>()

/** `undo` must be synchronous, and may be called twice. Returns what makes it unnecessary. */
export function atExit(undo: () => void): () => void {
  if (!isListening) process.on('exit', undoAll)
  isListening = true
  undone.add(undo)
  return () => void undone.delete(undo)
}

let isListening = false

/** The last thing that was set up goes first. */
function undoAll(): void {
  for (const undo of [...undone].reverse()) {
    undone.delete(undo)
    undo()
  }
}

const interruptedExitCode = 130

/** For a program; a test runner sees to signals itself. */
export function exitOnSignals(): void {
  for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP'] as const) {
    process.on(signal, () => {
      process.stderr.write(`stopped by ${signal}\n`)
      process.exit(interruptedExitCode)
    })
  }
}
