import type { Words } from './translations.ts'

export const de: Words = {
  approval: {
    subject: 'Jemand ist da: {door}',
    subjectWithNumber: 'Jemand ist da: {door}, Besuch {number}',
    somebody: 'Jemand ist da: {door}. Möchten Sie öffnen lassen?',
    visitNumber: 'Besuchsnummer',
    noNumber: 'Dieser Besuch hat keine Nummer. Bitte melden Sie sich an, um zu entscheiden.',
    when: 'Wann',
    whyWeAsk: 'Warum wir fragen',
    why: {
      'nobody-on-file': 'Dieses Gesicht haben Sie noch nie hereingelassen.',
      'weak-match': 'Dieses Gesicht war nicht sicher zu erkennen.',
      'seen-once': 'Dieses Gesicht war nur einmal zu sehen, das reicht nicht, um sicher zu sein.',
    },
    looksLike: 'Es sieht aus wie {name}, aber nicht sicher genug.',
    decide: 'Ansehen und entscheiden',
    until: 'Der Link gilt bis {time}. Er fragt nach der Besuchsnummer.',
    pictureOf: 'Das Gesicht vor der Tür: {door}',
    keepIt: 'Wer diese Mail hat, kann entscheiden. Bitte geben Sie sie nicht weiter.',
  },
  code: {
    subject: 'Ihr Code: {door}',
    hello: 'Hallo {name},',
    yours: 'das ist Ihr Code für die Tür „{door}“',
    validity: 'Bitte tippen Sie ihn in den nächsten {minutes} Minuten ein. Er gilt einmal.',
    notYou: 'Sie wollten gar nicht hinein? Dann brauchen Sie nichts zu tun.',
    text: '{code} ist Ihr Code: {door}. Gilt {minutes} min, einmal.',
  },
  alarm: {
    subject: '{what}: {door}',
    when: 'Wann',
    door: 'Tür',
    kinds: {
      'keypad-paused': {
        title: 'Das Tastenfeld macht Pause',
        what: 'Es wurden zu viele falsche Codes getippt, darum macht das Tastenfeld eine Weile Pause.',
        advice:
          'Die Pause endet von selbst. War das Ihr Besuch, bitten Sie ihn, den Code noch einmal zu lesen.',
      },
      'door-forced': {
        title: 'Die Tür wurde aufgebrochen',
        what: 'Die Tür ging auf, obwohl niemand sie aufgeschlossen hat.',
        advice: 'Bitte sehen Sie nach oder bitten Sie jemanden in der Nähe darum.',
      },
      'door-held-open': {
        title: 'Die Tür steht noch offen',
        what: 'Die Tür ist schon länger offen, als Sie es erlauben.',
        advice: 'Bitte sorgen Sie dafür, dass sie zugeht.',
      },
      'lock-failed': {
        title: 'Das Schloss gehorcht nicht',
        what: 'Das Schloss sollte auf- oder zugehen und tat es nicht.',
        advice:
          'Vielleicht ist die Tür nicht verschlossen, oder jemand wartet draußen. Bitte sehen Sie nach.',
      },
      'door-offline': {
        title: 'Die Tür war nicht zu erreichen',
        what: 'Der Code eines Besuchs kam nicht an der Tür an und wurde darum nicht verschickt.',
        advice: 'Früher verschickte Codes gelten weiter. Bitte prüfen Sie das Internet an der Tür.',
      },
      'limit-hit': {
        title: 'Vorerst keine Codes mehr',
        what: 'Jemand an dieser Tür hätte einen Code bekommen sollen, aber es gingen schon so viele hinaus, wie vorerst erlaubt sind.',
        advice: 'Früher verschickte Codes gelten weiter. Sie können den Besuch selbst einlassen.',
      },
      'grant-refused': {
        title: 'Die Tür nahm einen Code nicht an',
        what: 'Die Tür nahm den Code eines Besuchs nicht an, darum wurde er nicht verschickt.',
        advice:
          'Sie können den Besuch selbst einlassen, oder er klingelt noch einmal und bekommt einen neuen.',
      },
      'text-not-sent': {
        title: 'Ein Code ließ sich nicht verschicken',
        what: 'Die Nachricht mit dem Code eines Besuchs ließ sich nicht verschicken.',
        advice:
          'Bitte lassen Sie den Besuch selbst ein und prüfen Sie beim nächsten Mal Telefonnummer oder E-Mail-Adresse.',
      },
      'log-broken': {
        title: 'Im Protokoll der Tür fehlt etwas',
        what: 'Was die Tür meldet, passt nicht zu dem, was sie vorher gemeldet hat.',
        advice: 'Hat niemand an der Tür gearbeitet, lassen Sie bitte nachsehen.',
      },
      'too-much': {
        title: 'Hier geschieht mehr, als wir mailen',
        what: 'An dieser Tür geschah mehr, als Sie in einer Stunde Mails bekommen.',
        advice: 'Bitte sehen Sie in dieser Stunde selbst nach der Tür: Vielleicht wartet jemand.',
      },
    },
  },
}
