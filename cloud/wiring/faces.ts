/** Faces in Rekognition. */
import { awsSettings } from '../aws/settings.ts'
import type { Faces } from '../ports.ts'
import { onFirstCall } from './on-first-call.ts'

export function faces(): Faces {
  const load = async () => {
    const { facesRekognition, newClient } = await import('../aws/rekognition/faces.ts')
    return facesRekognition({ client: newClient(awsSettings) })
  }
  return onFirstCall<Faces>(load, (it) => ({
    find: async (...asked) => (await it()).find(...asked),
    search: async (...asked) => (await it()).search(...asked),
    compare: async (...asked) => (await it()).compare(...asked),
    remember: async (...asked) => (await it()).remember(...asked),
    forget: async (...asked) => (await it()).forget(...asked),
    list: async (...asked) => (await it()).list(...asked),
  }))
}
