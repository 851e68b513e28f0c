/** What a command prints. */
import type { Io } from '../../../terminal/command-line.ts'

export function captured(): { readonly io: Io; text(): string } {
  let all = ''
  const output = {
    write(text: string) {
      all += text
    },
  }
  return { io: { stdout: output, stderr: output }, text: () => all }
}
