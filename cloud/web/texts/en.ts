import type { PageWords } from '../texts.ts'

export const en: PageWords = {
  title: 'Somebody is at your door',
  oneMoment: 'One moment, please.',
  needsScript:
    'This page needs JavaScript, because only your browser knows the secret part of the link. Please turn it on, or sign in to the console.',
  linkIncomplete:
    'This link is not complete. Please open it from the mail again, or copy all of it.',
  noAnswer: 'We could not be reached. Are you online?',
  tryAgain: 'Try again',

  somebody: 'Somebody is at {door}. Do you want to let them in?',
  when: 'When',
  why: 'Why we ask',
  reasons: {
    'nobody-on-file': 'This face is nobody you have let in before.',
    'weak-match': 'This face could not be told for sure.',
    'seen-once': 'This face was only seen once, which is too little to be sure.',
  },
  looksLike: 'They look like {name}, but not surely enough.',
  faceAlt: 'The face at the door',
  noPicture: 'The picture is not there any more, so nobody can be let in by it.',
  noNumber: 'This visit has no number. Please sign in to the console to decide.',

  visitNumber: 'Visit number',
  visitNumberHint: 'It is in the mail, and on the screen at the door.',
  letIn: 'Let them in',
  name: 'Name',
  phone: 'Phone',
  phoneHint: 'With the country’s code, as in +49 170 1234567',
  email: 'E-mail',
  reach: 'Phone or e-mail: one of them is enough.',
  prefers: 'If both: send codes by',
  bySms: 'text message',
  byEmail: 'e-mail',
  language: 'Their language',
  validity: 'Welcome for',
  validities: { day: 'a day', week: 'a week', month: 'a month', always: 'always' },
  remember: 'They agree that their face is remembered',
  rememberHint:
    'Then the door knows them next time. Otherwise this picture is deleted within 30 days.',
  allow: 'Allow and send a code',
  turnAway: 'Turn them away',
  block: 'Do not ask me about this face again',
  deny: 'Deny',

  allowed: '{name} may come in.',
  codes: {
    'on-its-way': 'Their code is on its way. It works once, for five minutes.',
    'has-one': 'They have a code already.',
    limited:
      'But no code was sent: there were too many in a short time. Please open the door yourself.',
    'unknown-door': 'But no code was sent: this door is not set up any more.',
    crowded:
      'But no code was sent: too many are in use just now. Please try again in five minutes.',
  },
  denied: 'They were turned away.',
  deniedDetail: 'The screen at the door says so, kindly.',
  alreadyAllowed: 'Already allowed by {by}, {time}.',
  alreadyDenied: 'Already denied by {by}, {time}.',
  byMail: 'somebody with the mail',
  expired: 'This link has run out.',
  expiredDetail: 'It works for 15 minutes. If they are still there, they can ring again.',
  refused: {
    unknown: 'This link does not work. Please open it from the newest mail.',
    expired: 'This link does not work any more. If they are still there, they can ring again.',
    'wrong-token': 'This link does not work. Please open it from the newest mail.',
    'wrong-number': 'That is not the visit number. Please look it up in the mail.',
    'other-photo': 'The picture has changed since. Please open the link again and look.',
  },
  wrongOrigin: 'This answer did not come from our page, so it was not counted.',
  faulty: 'Something went wrong on our side. Please try again.',
  pleaseMend: 'Please look at what is marked below.',
  problems: {
    missing: 'This is needed.',
    'too-long': 'This is too long.',
    unfit: 'This does not look right.',
    'no-way': 'We need a phone number or an e-mail address to send the code to.',
    'not-international': 'Please write it with the country’s code, as in +49 170 1234567.',
    'country-not-allowed': 'Your household does not send texts to this country.',
  },
  numberMissing: 'Please type the visit number from the mail.',
}
