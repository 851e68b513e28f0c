import type { privacyEn } from './en.ts'

export const privacyDe: typeof privacyEn = {
  privacy: {
    title: 'Datenschutz',
    intro: 'Was über die Menschen an Ihren Türen gespeichert wird, und wie lange.',
    stored: 'Was gespeichert wird',
    days: '{days} Tage',
    day: 'einen Tag',
    untilDeleted: 'bis Sie es löschen',
    kinds: {
      people: 'Gespeicherte Personen: Name, Kontakt, Foto, Gesicht, Notizen',
      visits: 'Besuche: was wann und warum geschah',
      snapshots: 'Bilder eines Besuchs, und Gesichter darin',
      recordings: 'Aufnahmen',
      requests: 'Fragen an die Besitzer, mit ihren Antworten',
      codes: 'Codes, nachdem sie abgelaufen sind',
      uploads: 'Hochgeladene Fotos vor der Prüfung, und Ausschnitte zum Herunterladen',
      doorLog:
        'Der Nachweis, dass das Protokoll einer Tür nicht geändert wurde: ohne Namen und Bilder',
      removals:
        'Dass eine Person gelöscht wurde, ohne Namen, damit auch Türen sie löschen, die offline waren',
    },
    backup:
      'Die Tabellen lassen sich noch {days} Tage lang wiederherstellen, mit dem, was in dieser Zeit gelöscht wurde. Von Bildern und Aufnahmen gibt es keine Kopie.',
    recognition: 'Gesichter erkennen',
    recognitionOn: 'Gesichter an der Tür werden mit den gespeicherten Personen verglichen.',
    recognitionOff:
      'Gesichter an der Tür werden nicht mit den gespeicherten Personen verglichen: Jeder Besuch ist unbekannt, und Sie werden gefragt.',
    turnOff: 'Erkennung ausschalten',
    turnOn: 'Erkennung einschalten',
    consent: 'Gespeicherte Personen und ihre Zustimmung',
    noPeople: 'Niemand ist gespeichert.',
    agreed: 'Stimmte am {date} der Erkennung zu, laut {by}.',
    byMail: 'einem Besitzer',
    earlierWording: 'Der damals gezeigte Satz war ein anderer als heute.',
    agreedUnknown: 'Stimmte der Erkennung zu; wann, wurde nicht gespeichert.',
    notAgreed: 'Hat nicht zugestimmt, darum wird das Gesicht nicht gelernt.',
    onlyFirst: 'Die ersten {count} von {total}. Die Datei unten enthält alle.',
    wording: 'Wozu Menschen zustimmen',
    exportOne: 'Daten von {name} als Datei',
    export: 'Alles mitnehmen',
    exportHint:
      'Eine Datei (JSON) mit dem Haushalt, allen gespeicherten Personen und den letzten {count} Besuchen, mit Links zu den Bildern.',
    exportAll: 'Herunterladen',
    remove: 'Alle gespeicherten Personen löschen',
    removeHint:
      'Löscht jede Person mit Foto, Gesicht und Codes, sofort und endgültig. Türen, die offline sind, löschen sie, sobald sie sich verbinden. Besuche, Bilder und Aufnahmen bleiben, bis ihre Zeit oben vorbei ist, weil sie zeigen, was an Ihrer Tür geschah.',
    removeOpen: 'Alle löschen …',
    removeConfirm: 'Ja, alle {count} Personen löschen',
    removeUnconfirmed: 'Es wurde nichts gelöscht. Bitte setzen Sie erst das Häkchen.',
    removeNow: 'Endgültig löschen',
    visitorPage: 'Was Besucher darüber lesen können',
  },
}
