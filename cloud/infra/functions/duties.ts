/**
 * Which functions there are, what each may do and how much it gets to do it with. This is the whole
 * of it: a role holds what is listed here and leave to write its own log, nothing else.
 */

import type { Settings } from '../settings.ts'
import type { PermissionName } from './permissions.ts'

export interface Duty {
  readonly memoryMb: number
  readonly seconds: number
  readonly may: readonly PermissionName[]
  readonly needsFfmpeg?: boolean
}

/** What becomes of codes that there are. */
const grants = [
  ...(['read-visits', 'write-visits', 'read-visitors'] as const),
  ...(['read-passcodes', 'write-passcodes', 'door-keys', 'tell-doors'] as const),
] satisfies PermissionName[]

/** Whatever may end in a code for somebody. */
const codes = [...grants, 'later'] satisfies PermissionName[]

const askOwner = ['mail', 'web-origin', 'read-faces'] as const
const seeFaces = ['find-faces', 'search-faces', 'write-faces'] as const

export const duties = {
  // Pictures are taken apart in JavaScript: 1769 MB is where AWS gives one whole processor.
  'recognise-snapshot': {
    ...{ memoryMb: 1769, seconds: 30 },
    may: [...codes, ...askOwner, ...seeFaces, 'read-snapshots'],
  },
  'settle-visit': { memoryMb: 512, seconds: 30, may: [...codes, ...askOwner] },
  'from-door': { memoryMb: 512, seconds: 30, may: [...grants, 'mail', 'texts'] },
  'check-grant': {
    ...{ memoryMb: 512, seconds: 15 },
    may: [
      ...(['read-visits', 'write-visits', 'read-visitors', 'read-passcodes'] as const),
      ...(['write-passcodes', 'tell-doors', 'mail'] as const),
    ],
  },
  web: {
    // A clip takes as long as the gateway waits for an answer, or nearly.
    ...{ memoryMb: 1024, seconds: 29 },
    may: [
      ...codes,
      ...(['web-origin', 'read-faces'] as const),
      ...(['write-visitors', 'remember-faces', 'sign-ins', 'upload-photos'] as const),
      ...(['read-visitor-photos', 'write-visitor-photos', 'show-video'] as const),
      ...(['keep-clips'] as const),
    ],
  },
  'visitor-changed': {
    ...{ memoryMb: 512, seconds: 60 },
    may: [
      ...(['read-visitors', 'write-visitors', 'read-passcodes', 'write-passcodes'] as const),
      ...(['tell-doors', 'remember-faces', 'forget-faces'] as const),
      ...(['read-visitor-photos', 'forget-visitor-photos'] as const),
      ...(['read-visits', 'forget-seen-photos'] as const),
    ],
  },
  'photo-uploaded': { memoryMb: 1769, seconds: 30, may: ['take-uploads'] },
  'first-login': { memoryMb: 256, seconds: 5, may: ['add-members'] },
  housekeeping: {
    ...{ memoryMb: 512, seconds: 300 },
    may: ['read-visitors', 'forget-faces', 'forget-visitor-photos'],
  },
} satisfies Record<string, Duty>

/** Only there when Rekognition's stream processors are switched on. */
export const streamDuty = {
  'sighting-from-stream': {
    memoryMb: 1769,
    seconds: 60,
    may: [...codes, ...askOwner, ...seeFaces, 'read-video'],
    needsFfmpeg: true,
  },
} satisfies Record<string, Duty>

/** Only there while there are doors that may be claimed. */
export const claimDuty = {
  // AWS waits five seconds for its answer.
  'claim-door': { memoryMb: 256, seconds: 5, may: ['claims'] },
} satisfies Record<string, Duty>

type Switches = Pick<Settings, 'recognition' | 'claimableDoors'>

export const functionNames = ({ recognition, claimableDoors }: Switches): readonly string[] =>
  Object.keys({
    ...duties,
    ...(recognition === 'snapshots' ? {} : streamDuty),
    ...(claimableDoors.length === 0 ? {} : claimDuty),
  })
