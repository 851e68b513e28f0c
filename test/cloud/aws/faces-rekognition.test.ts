import { IndexFacesCommand, RekognitionClient } from '@aws-sdk/client-rekognition'
import { facesRekognition } from '../../../cloud/aws/rekognition/faces.ts'
import { facesContract } from '../../contracts/cloud/faces.ts'
import { json } from '../../support/network/scripted-service.ts'

const faceId = '00000000-0000-4000-8000-000000000001'

facesContract('Rekognition', {
  make: (settings) => facesRekognition(settings),
  service: 'rekognition',
  async rememberAs(settings, household, ExternalImageId, Bytes) {
    const CollectionId = `smart-door-${household}`
    const asked = new IndexFacesCommand({ CollectionId, ExternalImageId, Image: { Bytes } })
    await new RekognitionClient(settings).send(asked)
  },
  notForgotten: json(200, {
    DeletedFaces: [],
    UnsuccessfulFaceDeletions: [
      { FaceId: faceId, Reasons: ['ASSOCIATED_TO_AN_EXISTING_USER'], UserId: 'somebody' },
    ],
  }),
  weakMatch: json(200, {
    FaceMatches: [
      {
        Similarity: 98.9,
        Face: { FaceId: faceId, ExternalImageId: `visitor-${'1'.repeat(32)}` },
      },
    ],
  }),
})
