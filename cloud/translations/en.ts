export const en = {
  languageName: 'English',

  /** In the mail that asks for approval and on its page. */
  request: {
    question: 'A visitor is at {door}. Do you want to let them in?',
    visitNumber: 'Visit number',
    when: 'When',
    why: 'Why we ask',
    reasons: {
      'not-on-file': 'You have not let in this face before.',
      'weak-match': 'This face could not be recognised for certain.',
      'seen-once': 'This face was seen only once, which is not enough to be certain.',
      scanned: 'They rang with their phone, at the door.',
      'welcome-over': 'The time for which you let them in is over.',
      'outside-hours': 'They came outside the hours of their guest list.',
      holiday: 'The door is in holiday mode, so it asks about everyone.',
    },
    givenName: 'Name they gave',
    noNumber: 'No phone number: when you let them in, their phone shows the code.',
    looksLike: 'They look like {name}, but that is not certain enough.',
    recognised: 'They were recognised as {name}. {reason}',
  },

  requestMail: {
    subject: 'A visitor is at {door}',
    subjectWithNumber: 'A visitor is at {door}: visit {number}',
    noNumber: 'This visit has no number. Please sign in to decide.',
    decide: 'Look and decide',
    until: 'The link works until {time}. It asks for the visit number.',
    pictureOf: 'The face seen at {door}',
    confidential: 'Anyone with this mail can decide. Please do not forward it.',
  },

  codeMail: {
    subject: 'Your code for {door}',
    hello: 'Hello {name},',
    intro: 'this is your code for {door}',
    validity: 'Type it in at the door within {minutes} minutes. It works once.',
    notYou: 'You did not want to come in? Then you need not do anything.',
  },
  /** One segment of a text message: few characters, and only those of GSM 03.38. */
  codeText: '{code} is your code for {door}. Valid {minutes} min, once.',

  guestCode: {
    text: '{code} is your code for {door}, until {until}.',
    textWithoutEnd: '{code} is your code for {door}.',
    typeIt: 'Type it in at the door.',
    validity: 'It is valid until {until}.',
    keep: 'Please do not pass it on.',
  },
  pinLink: {
    text: 'Choose your PIN for the door here, within a day: {link}',
    subject: 'Choose your PIN',
    intro: 'you can choose a PIN for the doors of {home}. With it you come in without a text.',
    choose: 'Choose a PIN',
    once: 'The link works once, for a day. Do not pass it on.',
  },
  pinPage: {
    title: 'Choose your PIN',
    pin: 'Your PIN',
    repeat: 'The same again',
    hint: '{least} to 10 digits that are hard to guess. It is not stored: please remember it.',
    save: 'Set the PIN',
    done: 'Your PIN is set',
    doneDetail: 'It opens the door in a moment. The link does not work any more.',
    gone: 'This link does not work any more',
    goneDetail: 'Ask for a new one.',
    needsScript: 'This page needs JavaScript.',
    linkIncomplete: 'The link is not complete. Please copy all of it.',
    noAnswer: 'There was no answer. Please try again.',
    flaws: {
      differs: 'These are not the same.',
      missing: 'Please type a PIN.',
      'not-digits': 'A PIN has digits only.',
      'too-easy': 'Strangers try this one first. Please choose another.',
      'too-short': 'A PIN needs {least} digits at least.',
      'too-long': 'A PIN has {most} digits at most.',
      'in-use': 'This PIN cannot be used. Please choose another.',
      'too-many-tries': 'Too many tries. Please try again in an hour.',
      full: 'No PIN can be set now. Please tell the person who sent you the link.',
    },
  },

  alarmMail: {
    subject: '{what}: {door}',
    when: 'When',
    door: 'Door',
    kinds: {
      'keypad-paused': {
        title: 'Many wrong codes at the keypad',
        what: 'Many wrong codes were typed. The keypad now waits up to 30 seconds after each; a right code still opens the door.',
        advice:
          'If it was a visitor of yours, ask them to read their code again. If not, look who is at the door.',
      },
      'door-forced': {
        title: 'The door was forced open',
        what: 'The door opened although it was not unlocked.',
        advice: 'Please check the door, or ask a neighbour to.',
      },
      'door-held-open': {
        title: 'The door is still open',
        what: 'The door has been open for longer than you allow.',
        advice: 'Please make sure that it closes.',
      },
      'lock-failed': {
        title: 'The lock does not respond',
        what: 'The lock did not open or close when it should.',
        advice:
          'The door may be unlocked, or a visitor may be waiting outside. Please check the door.',
      },
      'door-offline': {
        title: 'The door could not be reached',
        what: 'A visitor’s code did not reach the door, so it was not sent.',
        advice: 'Codes that were sent earlier still work. Please check the internet at the door.',
      },
      'limit-hit': {
        title: 'No more codes for now',
        what: 'A visitor should have received a code, but no more codes may be sent for now.',
        advice: 'Codes that were sent earlier still work. You can let the visitor in yourself.',
      },
      'door-locked': {
        title: 'The door is set to stay locked',
        what: 'A request to unlock the door was refused, because it is set to stay locked.',
        advice: 'The mode of the door is set in its own config file.',
      },
      'grant-refused': {
        title: 'The door did not accept a code',
        what: 'The door did not accept a visitor’s code, so it was not sent.',
        advice: 'You can let the visitor in yourself, or they can ring again for another code.',
      },
      'text-not-sent': {
        title: 'A code could not be sent',
        what: 'The message with a visitor’s code could not be sent.',
        advice:
          'Please let the visitor in yourself, and check their phone number or e-mail address next time.',
      },
      duress: {
        title: 'A duress PIN was typed',
        what: 'A PIN was typed that means: I am being threatened. The door opened as with any other PIN, and nothing at the door shows this alarm.',
        advice: 'Do not call or go to the door. Call the police.',
      },
      'break-glass': {
        title: 'A break-glass code opened the door',
        what: 'A code of the printed sheet was used. Each works once.',
        advice: 'If it was none of you, print a new sheet: it ends the old one.',
      },
      'calendar-failed': {
        title: 'A calendar cannot be read',
        what: 'The calendar of bookings could not be read for a day. The codes that exist stay as they are; new bookings get none.',
        advice: 'Please check its address on the page of the door.',
      },
      'text-unconfirmed': {
        title: 'A text may not have arrived',
        what: 'A visitor’s code was sent by text, but nothing confirmed in time that it arrived.',
        advice:
          'If they did not come in, please let the visitor in yourself. With a mail address on file they would also have received the code by mail.',
      },
      'sensor-unsteady': {
        title: 'The door has a sensor that does not settle',
        what: 'A sensor of the door changes again and again: its contact, its bond sensor, its exit button or its bell.',
        advice:
          'It may be loose or wet, or someone is playing with it. Until it is steady, the door raises its other alarms at most once. Please have a look.',
      },
      'log-broken': {
        title: 'The door’s log was changed',
        what: 'What the door reports does not follow from what it reported before: its log went back or was changed.',
        advice:
          'This is so once after a backup was restored on the door. If you did not do that, someone may have changed the log: please have the door checked.',
      },
      'log-gap': {
        title: 'The door’s log has a gap',
        what: 'Some reports of the door have not arrived for hours.',
        advice:
          'What happened in between is missing in the history. If the door and the internet are fine, please have the door checked.',
      },
      'too-much': {
        title: 'More is happening than we mail you',
        what: 'More happened at this door than we mail in one hour.',
        advice:
          'For the rest of this hour, please check the door yourself: a visitor may be waiting.',
      },
    },
  },

  approvalPage: {
    title: 'A visitor is at your door',
    oneMoment: 'One moment, please.',
    needsScript:
      'This page needs JavaScript, because only your browser knows the secret part of the link. Please turn it on, or open the link in another browser.',
    linkIncomplete:
      'This link is not complete. Please open it from the mail again, or copy all of it.',
    noAnswer: 'We could not be reached. Are you online?',
    tryAgain: 'Try again',
    faceAlt: 'The face at the door',
    noPicture: 'The picture has been deleted, so this visitor cannot be let in with it.',
    noNumber: 'This visit has no number, so this link cannot decide it.',

    visitNumberHint: 'It is in the mail, and on the screen at the door.',
    letIn: 'Let them in with a code',
    name: 'Name',
    phone: 'Phone',
    phoneHint: 'With the country code, as in +49 170 1234567',
    phoneOptional: 'May stay empty: their phone shows the code.',
    email: 'E-mail',
    reach: 'Phone or e-mail: one of them is enough.',
    prefers: 'If both: send codes by',
    bySms: 'text message',
    byEmail: 'e-mail',
    language: 'Their language',
    validity: 'Welcome for',
    validities: { day: 'a day', week: 'a week', month: 'a month', always: 'always' },
    remember: 'They agree that the door remembers their face',
    rememberHint:
      'Then the door recognises them next time. Otherwise this picture is deleted within 30 days.',
    more: 'E-mail, language, remember this person …',
    allow: 'Let in',
    openTitle: 'Open once, now',
    openHint: 'For a courier: no phone number, no code, and no person is put on file.',
    open: 'Open the door',
    block: 'If turned away: do not ask me about this face again',
    deny: 'Turn away',

    allowed: '{name} may come in.',
    codes: {
      'on-its-way': 'Their code is on its way. It works once, for five minutes.',
      'has-one': 'They already have a code.',
      limited:
        'But no code was sent: there were too many in a short time. Please open the door yourself.',
      'unknown-door': 'But no code was sent: this door is no longer set up.',
      crowded:
        'But no code was sent: too many are in use right now. Please try again in five minutes.',
    },
    denied: 'You turned them away.',
    deniedDetail: 'The screen at the door tells them politely.',
    opened: 'The door is asked to unlock once, now.',
    openedDetail:
      'It locks again by itself. If the visitor is still waiting, please look at the console.',
    already: {
      allowed: 'Already allowed by {by}, {time}.',
      denied: 'Already denied by {by}, {time}.',
      opened: 'Already unlocked once by {by}, {time}.',
    },
    oneTryLeft: 'You have one try left.',
    triesLeft: 'You have {count} tries left.',
    byMail: 'someone with the mail',
    expired: 'This link has expired.',
    expiredDetail: 'It works for 15 minutes. If they are still there, they can ring again.',
    refused: {
      unknown: 'This link does not work. Please open it from the newest mail.',
      expired: 'This link no longer works. If they are still there, they can ring again.',
      'wrong-token': 'This link does not work. Please open it from the newest mail.',
      'wrong-number': 'That is not the visit number. Please look it up in the mail.',
      'other-photo': 'The picture has changed. Please open the link again and look.',
      'not-supported': 'The door cannot be unlocked from here.',
    },
    wrongOrigin: 'This answer did not come from our page, so it was not accepted.',
    malformed: 'We could not read this form. Please open the link in the mail again.',
    checkFields: 'Please check the fields marked below.',
    problems: {
      missing: 'This is required.',
      'too-long': 'This is too long.',
      unfit: 'This does not look right.',
      'no-way': 'We need a phone number or an e-mail address to send the code to.',
      'not-international': 'Please write it with the country code, as in +49 170 1234567.',
      'country-not-allowed': 'Your household does not send texts to this country.',
      'costs-extra': 'Your household does not send texts to premium-rate numbers.',
    },
    numberMissing: 'Please type the visit number from the mail.',
  },

  signInPage: {
    welcome: 'Welcome to your door',
    invitedOnly: 'Sign in with the address to which your invitation was sent.',
    signIn: 'Sign in',
    failed: 'You are not signed in',
    failedDetail: 'Signing in took too long, or was started in another browser. Please try again.',
    noMember: 'You are not a member of a household',
    noMemberDetail: 'If you should be one, ask an owner to invite you.',
    signOut: 'Sign out',
  },

  /** The page that the code on the keypad leads a visitor's phone to. */
  ringPage: {
    title: 'Ring at the door',
    ready: 'Ring with your phone',
    readyDetail: 'Give your name, and we ask the owner. No phone number is needed.',
    name: 'Your name',
    ring: 'Ring',
    waiting: 'We have asked the owner.',
    waitingDetail: 'Please stay at the door. If they say yes, this page shows your code.',
    allowed: 'You may come in.',
    allowedDetail: 'Your code appears here in a moment.',
    code: 'Your code',
    codeDetail: 'Type it in at the door within {minutes} minutes. It works once.',
    codeDetailNow: 'Type it in at the door now. It works once.',
    used: 'Welcome!',
    usedDetail: 'You can close this page.',
    opened: 'Please push the door.',
    openedDetail: 'It has been opened for you, for a few seconds.',
    denied: 'Sorry, you cannot come in this time.',
    deniedDetail: 'If this is a mistake, please call the owner.',
    noAnswer: 'Sorry, no one has answered.',
    noAnswerDetail: 'Please ring the bell, or scan the code at the door once more.',
    expired: 'Your code no longer works.',
    expiredDetail: 'To ring again, please scan the code at the door.',
    failed: 'Sorry, no code came about.',
    failedDetail: 'Please ring the bell at the door.',
    notScanned: 'Please scan the code at the door.',
    notScannedDetail: 'It changes every half minute, and works only for those who stand there.',
    taken: 'Another phone has rung with this code.',
    takenDetail: 'Please scan the one that the door shows now.',
    limited: 'Sorry, this did not ring.',
    limitedDetail: 'Please ring the bell at the door.',
    checkAgain: 'Check again',
    about: 'What is stored about me?',
  },

  /** The page that the text with a code links to. */
  aboutVisit: {
    title: 'About your visit',
    intro: 'You came to a door with a camera. This is what it stores about you.',
    stored: {
      pictures:
        'While you are at the door, it takes pictures and a video. Pictures are deleted after {snapshots} days, the video after {recordings} days.',
      visit: 'That you came, when, and whether the door opened, is stored for {visits} days.',
      contact:
        'If you were let in with a code, the owner has put your name on file, and the number or address to which the code was sent. They stay until the owner deletes them. A name that you typed to ring with your phone is deleted after {requests} days.',
      face: 'The door recognises your face later only if you have agreed to that.',
    },
    rightsTitle: 'See or delete your data',
    rights:
      'Ask the person you visited. They can show you everything that is stored about you, and delete it at once: name, address, photo, face and codes. Copies for a restore disappear after {backup} more days.',
    note: 'Only they can see your data. This page does not know who you are.',
  },
}
