import type { ConsoleWords } from './words.ts'

export const de: ConsoleWords = {
  skip: 'Zum Inhalt',
  sections: { home: 'Start', visits: 'Besuche', people: 'Personen', more: 'Mehr' },
  justNow: 'gerade eben',
  ownersOnly: 'Das dürfen nur Besitzer.',
  openersOnly: 'Sie dürfen schauen, aber nicht öffnen.',
  notFound: 'Hier ist nichts',
  notFoundDetail: 'Es wurde gelöscht, oder die Adresse ist unvollständig.',
  invalid: 'Das Formular ist unvollständig. Bitte gehen Sie zurück und versuchen Sie es erneut.',
  wrongOrigin: 'Das Formular kam nicht von Ihrer eigenen Seite, darum ist nichts geschehen.',
  signedOut: 'Sie sind abgemeldet',
  signedOutDetail:
    'Nichts ist verloren. Melden Sie sich in einem anderen Tab an, kommen Sie hierher zurück und senden Sie noch einmal.',
  signIn: 'Anmelden',
  sendAgain: 'Noch einmal senden',

  home: {
    waiting: 'Besuch an: {door}',
    look: 'Ansehen und entscheiden',
    noDoors: 'Es ist noch keine Tür eingerichtet.',
    noDoorsDetail: 'Fügen Sie eine mit `npm run cloud -- door add` hinzu.',
    noVisit: 'Noch kein Besuch',
    noSnapshot: 'Kein Bild',
    snapshotAt: 'Das letzte Bild an {door}',
    lock: { locked: 'Verschlossen', unlocked: 'Entriegelt', failed: 'Das Schloss reagiert nicht' },
    contact: { open: 'offen', closed: 'geschlossen', unknown: 'Stellung unbekannt' },
    heard: 'Letzte Meldung',
    neverHeard: 'Diese Tür hat sich noch nicht gemeldet.',
    lastVisit: 'Letzter Besuch',
    unlock: 'Öffnen …',
    unlockQuestion: '{door} für einige Sekunden entriegeln?',
    unlockNow: 'Jetzt öffnen',
  },

  more: {
    doors: 'Türen',
    account: 'Ihr Konto',
    signedInAs: 'Angemeldet als {email}',
    roles: {
      viewer: 'Sie dürfen schauen',
      member: 'Sie dürfen schauen und die Tür öffnen',
      owner: 'Sie entscheiden auch, wer hereindarf',
    },
    addPasskey: 'Passkey hinzufügen',
    passkeyHint:
      'Mit einem Passkey melden Sie sich mit Fingerabdruck, Gesicht oder PIN statt mit einem Passwort an.',
    signOut: 'Abmelden',
  },

  request: {
    title: 'Besuch an Ihrer Tür',
    question: 'Wer ist an: {door}?',
    face: 'Das Gesicht an der Tür',
    noPicture: 'Das Bild wurde gelöscht, darum lässt sich dieser Besuch nicht damit hereinlassen.',
    viewer: 'Besitzer können hereinlassen, Mitglieder die Tür öffnen.',
    codeHint: 'Er gilt einmal, fünf Minuten lang, und die Tür weiß, wer kam.',
    decided: {
      allowed: 'Der Besuch darf herein',
      denied: 'Sie haben den Besuch abgewiesen',
      opened: 'Sie haben die Tür einmal geöffnet',
    },
    details: {
      denied: 'Der Bildschirm an der Tür sagt es höflich.',
      opened: 'Sie verriegelt sich von selbst.',
    },
    undo: 'Rückgängig machen',
    undoHint: 'Eine Minute lang, solange der Besuch nicht eingetreten ist.',
    expired: 'Diese Frage ist abgelaufen',
    expiredDetail:
      'Innerhalb von 15 Minuten kam keine Antwort. Klingelt der Besuch noch einmal, werden Sie wieder gefragt.',
    visit: 'Der ganze Besuch',
  },

  unlock: {
    title: '{door} öffnen',
    asking: 'Die Tür wird gefragt …',
    askingDetail: 'Sie antwortet in wenigen Sekunden.',
    accepted: '{door} ist entriegelt',
    acceptedDetail: 'Sie verriegelt sich von selbst. Im Protokoll steht, dass Sie es waren.',
    noAnswer: 'Die Tür hat nicht geantwortet',
    noAnswerDetail:
      'Sie hat nicht geöffnet und tut es auch nicht später. Bitte prüfen Sie das Internet an der Tür.',
    notSupported: 'Diese Tür lässt sich von hier nicht öffnen',
    notSupportedDetail: 'Ihre Software bietet das nicht an.',
    refused: 'Die Tür hat abgelehnt',
    reasons: {
      'door-locked': 'Sie soll verschlossen bleiben.',
      'clock-unknown': 'Sie kennt die Uhrzeit noch nicht und nimmt darum keine Befehle an.',
      expired: 'Der Befehl war zu lange unterwegs.',
      'too-long-lived': 'Die Uhren von Tür und Cloud weichen zu weit voneinander ab.',
      repeated: 'Der Befehl kam zweimal. Er zählt einmal.',
      'not-supported': 'Ihre Software bietet das nicht an.',
    },
  },
}
