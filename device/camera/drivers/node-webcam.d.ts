/** What is used of node-webcam, which brings no types. */
declare module 'node-webcam' {
  interface Webcam {
    /** What the shell is told to run. */
    bin: string
    capture(path: string, done: (fault: unknown, path?: unknown) => void): void
    /** Asked about what the program said, before a shot is taken for one. */
    runCaptureValidations(said: string): Error | null
  }
  interface NodeWebcam {
    create(options: Readonly<Record<string, string | number | boolean>>): Webcam
  }
  const nodeWebcam: NodeWebcam
  export = nodeWebcam
}
