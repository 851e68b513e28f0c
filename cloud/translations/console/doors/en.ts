/** Of the pages of a door. */
export const doorsEn = {
  door: {
    settings: 'Settings',
    saved: 'The door uses these settings.',
    pending:
      'Saved. The door has not confirmed these settings yet: it takes them over as soon as it is online.',
    changed: 'Someone else has changed these settings in the meantime. Save again to replace them.',
    checkFields: 'Please check the marked fields. Nothing has been changed.',
    name: 'Name of the door',
    nameHint: 'Visitors read it in the text with their code.',
    unlockSeconds: 'Stays unlocked (seconds)',
    unlockSecondsHint: 'After a right code or “Unlock now”. From {least} to {most}.',
    heldOpenSeconds: 'Alarm when left open (seconds)',
    heldOpenSecondsHint:
      'You get a mail when the door stays open for longer. From {least} to {most}.',
    language: 'Language of the keypad',
    languageHint: 'For visitors whose language is not known.',
    timeZone: 'Time zone',
    timeZoneHint: 'Hours of guest lists and codes follow it. As in Europe/Berlin.',
    problems: {
      name: 'Please give it a name of 1 to 60 characters.',
      unlockSeconds: 'Please enter a number from {least} to {most}.',
      heldOpenSeconds: 'Please enter a number from {least} to {most}.',
      timeZone: 'This time zone is not known. Please choose one from the list.',
    },
    save: 'Save',
    waitTitle: 'The keypad makes people wait',
    waitDetail:
      'Too many wrong codes were typed. A right code opens the door, but after each wrong one there is a wait.',
    lift: 'End the wait',
    health: 'Condition',
    heard: 'Last report',
    connected: 'Connected since',
    software: 'Software',
    clock: 'Clock',
    clocks: { known: 'right', unknown: 'not set: the door accepts no codes until it is' },
    log: 'Log',
    logFine: 'Complete, as far as reports have arrived',
    logBroken: 'Has been changed or has a gap; see below',
    can: 'Can be done from here',
    abilities: {
      unlock: 'unlock',
      'lift-pause': 'end the wait after wrong codes',
      'watch-live': 'live view',
      'set-mode': 'set the mode',
      'new-sheet': 'print break-glass codes',
      settings: 'change settings',
    },
    sheet: 'Break-glass codes left',
    notReported: 'not reported',
    troubles: 'What went wrong lately',
    noTroubles: 'Nothing in the last {days} days.',
    add: 'Add a door',
  },

  mode: {
    title: 'Mode',
    now: 'Now:',
    until: 'until',
    change: 'Change the mode',
    names: {
      normal: 'Normal',
      holiday: 'Holiday',
      privacy: 'Do not disturb',
      passage: 'Held open',
      locked: 'Locked by its config file',
    },
    meaning: {
      normal: 'codes work as set.',
      holiday:
        'only codes that you allow for a visitor, and break-glass codes. PINs and guest codes do not work, and you are asked about everyone. The keypad does not show it.',
      privacy:
        'no code opens, except break-glass codes. The keypad asks visitors to come back later, and no one is notified of them.',
      passage: 'the lock stays open for everyone. Only with a lock that may be on for long.',
    },
    forHours: 'For how long',
    hours: '{hours} h',
    days: '{days} days',
    open: 'until it is changed',
    week: 'This door has hours of the week. “Normal” without an end lets them apply.',
    set: 'Set the mode',
    accepted: '{door} has taken over the mode',
    acceptedDetail: 'People inside can always leave. The log says that it was you.',
    noAnswerDetail: 'The mode is as it was. Please check the internet at the door.',
  },

  sheet: {
    title: 'Print a break-glass sheet',
    intro:
      'Ten codes on paper that open {door} once each: also without internet, when the door does not know the time, and when phones are lost. Each use raises an alarm.',
    endsOther:
      'The sheet that you have now still has {left} unused codes. They will not work any more.',
    make: 'Make a new sheet',
    heading: 'Break-glass codes for {door}',
    made: 'Made',
    use: 'Type all twelve digits at the keypad. Each code opens the door once. Tick off used ones.',
    keep: 'Keep this sheet away from the door: anyone who has it can enter. Earlier sheets do not work any more.',
    print: 'Print',
    once: 'The codes are shown for ten minutes and are stored nowhere. If the sheet is lost, make a new one.',
    over: 'These codes are not shown any more',
    overDetail: 'The sheet still works. If you did not print it, make a new one.',
    noAnswerDetail:
      'The sheet before still works. Please check the internet at the door, or run this at the door: sudo smart-door break-glass',
  },

  addDoor: {
    title: 'Add a door',
    intro:
      'This takes a terminal: once at the computer that your cloud was set up from, once at the door.',
    cloudTitle: '1. Where your cloud was set up from',
    cloudHint: 'Replace “{example}” by a short name in small letters.',
    doorTitle: '2. On the computer at the door',
    doorHint:
      'First set “doorId” in /etc/smart-door/config.json to this name. The command needs your AWS keys in the environment, this one time. It makes the key of the door and writes its configuration.',
    checkTitle: '3. See whether all is well',
    checkHint: 'Then the door appears on the first page by itself.',
  },

  lift: {
    accepted: 'The wait at {door} has ended',
    acceptedDetail: 'The next code is accepted at once.',
    noAnswerDetail: 'The wait goes on. Please check the internet at the door.',
  },

  live: {
    title: 'Live view of {door}',
    open: 'Live view',
    start: 'Start the live view',
    startHint: 'The camera is switched on for {minutes} minutes, and the log says that it was you.',
    asking: 'Starting the camera …',
    askingDetail: 'The picture comes within a few seconds.',
    behind: 'A few seconds behind. Ends by itself after {minutes} minutes.',
    ended: 'The live view has ended',
    cannot: 'This browser cannot show live video. Please try Safari, Chrome or Firefox.',
    noPicture: 'There is no picture',
    noPictureDetail:
      'The door or its camera did not answer. Please check the internet at the door, and try again.',
    again: 'Watch {minutes} more minutes',
  },
}
