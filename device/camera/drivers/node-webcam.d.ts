/** The parts of node-webcam that are used; it has no types of its own. */
declare module 'node-webcam' {
  interface Webcam {
    /** The command for the shell. */
    bin: string
    capture(path: string, done: (fault: unknown, path?: unknown) => void): void
    /** Checks the program's output. */
    runCaptureValidations(said: string): Error | null
  }
  interface NodeWebcam {
    create(options: Readonly<Record<string, string | number | boolean>>): Webcam
  }
  const nodeWebcam: NodeWebcam
  export = nodeWebcam
}
