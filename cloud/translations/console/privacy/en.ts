/** Of the page about what is stored. */
export const privacyEn = {
  privacy: {
    title: 'Privacy',
    intro: 'What is stored about the people at your doors, and for how long.',
    stored: 'What is stored',
    days: '{days} days',
    day: 'one day',
    untilDeleted: 'until you delete it',
    kinds: {
      people: 'People on file: name, contact, photo, face, notes',
      visits: 'Visits: what happened, when and why',
      snapshots: 'Snapshots of a visit, and faces in them',
      recordings: 'Recordings',
      requests: 'Questions to the owners, with their answers',
      codes: 'Codes, after they have expired',
      uploads: 'Uploaded photos before they are checked, and clips for download',
      doorLog: 'Proof that the log of a door was not changed: no names, no pictures',
      removals:
        'That a person was deleted, without the name, so that doors that were offline delete them too',
    },
    backup:
      'The tables can be restored for {days} more days, with what was deleted in that time. Pictures and recordings have no copy.',
    recognition: 'Recognise faces',
    recognitionOn: 'Faces at the door are compared with the people on file.',
    recognitionOff:
      'Faces at the door are not compared with the people on file: every visitor is unknown, and you are asked.',
    turnOff: 'Turn recognition off',
    turnOn: 'Turn recognition on',
    consent: 'People on file and their consent',
    noPeople: 'No person is on file.',
    agreed: 'Agreed to being recognised on {date}, as {by} said.',
    byMail: 'an owner',
    earlierWording: 'The sentence shown then was another one than today.',
    agreedUnknown: 'Agreed to being recognised; when was not stored.',
    notAgreed: 'Has not agreed, so the face is not learnt.',
    onlyFirst: 'The first {count} of {total}. The file below has all.',
    wording: 'What people agree to',
    exportOne: 'Data of {name} as a file',
    export: 'Take everything away',
    exportHint:
      'One file (JSON) with the household, everyone on file and the last {count} visits, with links to the pictures.',
    exportAll: 'Download',
    remove: 'Delete everyone on file',
    removeHint:
      'Deletes every person with photo, face and codes, at once and for ever. Doors that are offline delete them when they connect. Visits, snapshots and recordings stay until their time above is over, because they show what happened at your door.',
    removeOpen: 'Delete everyone …',
    removeConfirm: 'Yes, delete all {count} people',
    removeUnconfirmed: 'Nothing was deleted. Please tick the box first.',
    removeNow: 'Delete for ever',
    visitorPage: 'What visitors can read about this',
  },
}
