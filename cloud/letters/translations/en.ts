import type { Words } from './translations.ts'

export const en: Words = {
  approval: {
    subject: 'Somebody is at {door}',
    subjectWithNumber: 'Somebody is at {door}: visit {number}',
    somebody: 'Somebody is at {door}. Do you want to let them in?',
    visitNumber: 'Visit number',
    noNumber: 'This visit has no number. Please sign in to decide.',
    when: 'When',
    whyWeAsk: 'Why we ask',
    why: {
      'nobody-on-file': 'This face is nobody you have let in before.',
      'weak-match': 'This face could not be told for sure.',
      'seen-once': 'This face was only seen once, which is too little to be sure.',
    },
    looksLike: 'They look like {name}, but not surely enough.',
    decide: 'Look and decide',
    until: 'The link works until {time}. It asks for the visit number.',
    pictureOf: 'The face that was seen at {door}',
    keepIt: 'Whoever has this mail can decide. Please do not pass it on.',
  },
  code: {
    subject: 'Your code for {door}',
    hello: 'Hello {name},',
    yours: 'this is your code for {door}',
    validity: 'Type it in at the door within {minutes} minutes. It works once.',
    notYou: 'You did not want to come in? Then you need not do anything.',
    text: '{code} is your code for {door}. Valid {minutes} min, once.',
  },
  alarm: {
    subject: '{what}: {door}',
    when: 'When',
    door: 'Door',
    kinds: {
      'keypad-paused': {
        title: 'The keypad is paused',
        what: 'Too many wrong codes were typed, so the keypad is paused for a while.',
        advice:
          'The pause ends by itself. If that was a visitor of yours, ask them to read their code once more.',
      },
      'door-forced': {
        title: 'The door was opened by force',
        what: 'The door opened although nobody unlocked it.',
        advice: 'Please look after it, or ask somebody nearby to.',
      },
      'door-held-open': {
        title: 'The door is still open',
        what: 'The door has been open for longer than you allow.',
        advice: 'Please make sure that it closes.',
      },
      'lock-failed': {
        title: 'The lock did not obey',
        what: 'The lock was told to open or to close, and did not.',
        advice:
          'The door may be unlocked, or somebody may be waiting outside. Please look after it.',
      },
      'door-offline': {
        title: 'The door could not be reached',
        what: 'A visitor’s code did not reach the door, so it was not sent.',
        advice: 'Codes that were sent earlier still work. Please check the internet at the door.',
      },
      'limit-hit': {
        title: 'No more codes for now',
        what: 'Somebody at this door should have had a code, but as many were sent as are allowed for now.',
        advice: 'Codes that were sent earlier still work. You can let the visitor in yourself.',
      },
      'grant-refused': {
        title: 'The door did not take a code',
        what: 'The door did not take a visitor’s code, so it was not sent.',
        advice: 'You can let the visitor in yourself, or they can ring again for another code.',
      },
      'text-not-sent': {
        title: 'A code could not be sent',
        what: 'The message with a visitor’s code could not be sent.',
        advice:
          'Please let the visitor in yourself, and check their phone number or e-mail address next time.',
      },
      'log-broken': {
        title: 'The door’s log has a gap',
        what: 'What the door tells does not follow from what it told before.',
        advice: 'If nobody worked on the door, have it looked at.',
      },
      'too-much': {
        title: 'More is happening than we mail you',
        what: 'More happened at this door than you are mailed about in an hour.',
        advice:
          'For the rest of this hour, please look at the door yourself: somebody may be waiting.',
      },
    },
  },
}
