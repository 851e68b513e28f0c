/** Removes daemons, folders and mounts however this program ends. */

const undone = new Set<() => void>()

/** `undo` must be synchronous and may be called twice. Returns a function that cancels it. */
export function atExit(undo: () => void): () => void {
  if (!isListening) process.on('exit', undoAll)
  isListening = true
  undone.add(undo)
  return () => void undone.delete(undo)
}

let isListening = false

/** In reverse order of setting up. */
function undoAll(): void {
  for (const undo of [...undone].reverse()) {
    undone.delete(undo)
    undo()
  }
}

const interruptedExitCode = 130

/** For programs; a test runner handles signals itself. */
export function exitOnSignals(): void {
  for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP'] as const) {
    process.on(signal, () => {
      process.stderr.write(`stopped by ${signal}\n`)
      process.exit(interruptedExitCode)
    })
  }
}
