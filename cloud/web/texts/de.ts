import type { PageWords } from '../texts.ts'

export const de: PageWords = {
  title: 'Jemand ist an Ihrer Tür',
  oneMoment: 'Einen Moment, bitte.',
  needsScript:
    'Diese Seite braucht JavaScript, denn nur Ihr Browser kennt den geheimen Teil des Links. Bitte schalten Sie es ein oder melden Sie sich in der Konsole an.',
  linkIncomplete:
    'Dieser Link ist nicht vollständig. Bitte öffnen Sie ihn noch einmal aus der Mail oder kopieren Sie ihn ganz.',
  noAnswer: 'Wir sind nicht zu erreichen. Sind Sie online?',
  tryAgain: 'Noch einmal versuchen',

  somebody: 'Jemand ist da: {door}. Möchten Sie öffnen lassen?',
  when: 'Wann',
  why: 'Warum wir fragen',
  reasons: {
    'nobody-on-file': 'Dieses Gesicht haben Sie noch nie hereingelassen.',
    'weak-match': 'Dieses Gesicht war nicht sicher zu erkennen.',
    'seen-once': 'Dieses Gesicht war nur einmal zu sehen, das reicht nicht, um sicher zu sein.',
  },
  looksLike: 'Es sieht aus wie {name}, aber nicht sicher genug.',
  faceAlt: 'Das Gesicht an der Tür',
  noPicture: 'Das Bild ist nicht mehr da, darum kann damit niemand hereingelassen werden.',
  noNumber: 'Dieser Besuch hat keine Nummer. Bitte melden Sie sich in der Konsole an.',

  visitNumber: 'Besuchsnummer',
  visitNumberHint: 'Sie steht in der Mail und auf dem Bildschirm an der Tür.',
  letIn: 'Hereinlassen',
  name: 'Name',
  phone: 'Telefon',
  phoneHint: 'Mit Ländervorwahl, etwa +49 170 1234567',
  email: 'E-Mail',
  reach: 'Telefon oder E-Mail: eines genügt.',
  prefers: 'Bei beidem: Codes kommen per',
  bySms: 'SMS',
  byEmail: 'E-Mail',
  language: 'Sprache des Besuchs',
  validity: 'Willkommen für',
  validities: { day: 'einen Tag', week: 'eine Woche', month: 'einen Monat', always: 'immer' },
  remember: 'Der Besuch ist einverstanden, dass wir uns sein Gesicht merken',
  rememberHint:
    'Dann kennt ihn die Tür beim nächsten Mal. Sonst wird dieses Bild binnen 30 Tagen gelöscht.',
  allow: 'Erlauben und Code schicken',
  turnAway: 'Abweisen',
  block: 'Zu diesem Gesicht nicht mehr fragen',
  deny: 'Ablehnen',

  allowed: '{name} darf herein.',
  codes: {
    'on-its-way': 'Der Code ist unterwegs. Er gilt einmal und fünf Minuten lang.',
    'has-one': 'Einen Code gibt es schon.',
    limited:
      'Aber es ging kein Code hinaus: Es waren zu viele in kurzer Zeit. Bitte öffnen Sie selbst.',
    'unknown-door': 'Aber es ging kein Code hinaus: Diese Tür ist nicht mehr eingerichtet.',
    crowded:
      'Aber es ging kein Code hinaus: Gerade sind zu viele in Gebrauch. Bitte versuchen Sie es in fünf Minuten noch einmal.',
  },
  denied: 'Der Besuch wurde abgewiesen.',
  deniedDetail: 'Auf dem Bildschirm an der Tür steht es, freundlich.',
  alreadyAllowed: 'Schon erlaubt von {by}, {time}.',
  alreadyDenied: 'Schon abgelehnt von {by}, {time}.',
  byMail: 'jemandem mit der Mail',
  expired: 'Dieser Link ist abgelaufen.',
  expiredDetail: 'Er gilt 15 Minuten. Wer noch da ist, kann noch einmal klingeln.',
  refused: {
    unknown: 'Dieser Link geht nicht. Bitte öffnen Sie ihn aus der neuesten Mail.',
    expired: 'Dieser Link geht nicht mehr. Wer noch da ist, kann noch einmal klingeln.',
    'wrong-token': 'Dieser Link geht nicht. Bitte öffnen Sie ihn aus der neuesten Mail.',
    'wrong-number': 'Das ist nicht die Besuchsnummer. Bitte sehen Sie in der Mail nach.',
    'other-photo': 'Das Bild hat sich seitdem geändert. Bitte öffnen Sie den Link noch einmal.',
  },
  wrongOrigin: 'Diese Antwort kam nicht von unserer Seite und zählt darum nicht.',
  faulty: 'Bei uns ging etwas schief. Bitte versuchen Sie es noch einmal.',
  pleaseMend: 'Bitte sehen Sie nach, was unten markiert ist.',
  problems: {
    missing: 'Das wird gebraucht.',
    'too-long': 'Das ist zu lang.',
    unfit: 'Das sieht nicht richtig aus.',
    'no-way': 'Für den Code brauchen wir eine Telefonnummer oder E-Mail-Adresse.',
    'not-international': 'Bitte mit Ländervorwahl schreiben, etwa +49 170 1234567.',
    'country-not-allowed': 'In dieses Land schickt Ihr Haushalt keine SMS.',
  },
  numberMissing: 'Bitte tippen Sie die Besuchsnummer aus der Mail ein.',
}
