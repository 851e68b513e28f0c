import type { Texts } from '../texts.ts'

export const de: Texts = {
  languageName: 'Deutsch',

  door: 'Tür',
  oneMoment: 'Einen Moment, bitte.',
  startingAgain: 'Einen Moment, die Tür startet neu.',
  stillStarting: 'Das dauert länger als sonst. Bitte klopfen Sie.',

  idle: 'Tippen Sie Ihren Code ein, oder klingeln Sie.',
  here: 'Hallo! Einen Moment, bitte.',
  hereDetail: 'Wenn Sie schon einen Code haben, tippen Sie ihn ein.',
  waiting: 'Wir fragen im Haus nach. Bitte warten Sie hier.',
  waitingDetail: 'Bei einem Ja bekommen Sie einen Code als Nachricht.',
  sent: 'Ihr Code ist unterwegs auf Ihr Handy.',
  sentDetail: 'Bitte tippen Sie ihn in den nächsten fünf Minuten ein.',
  noAnswer: 'Leider hat niemand geantwortet.',
  noAnswerDetail: 'Bitte klingeln Sie, oder kommen Sie später wieder.',
  refused: 'Leider können Sie diesmal nicht herein.',
  refusedDetail: 'Falls das ein Irrtum ist, rufen Sie bitte im Haus an.',
  offline: 'Die Tür hat gerade kein Internet.',
  offlineDetail: 'Ein Code, den Sie schon haben, gilt trotzdem.',

  typing: 'Tippen Sie alle {digits}\u00a0Ziffern Ihres Codes ein.',
  typedCount: '{count} von {digits} Ziffern eingetippt',
  complete: 'Tippen Sie jetzt auf „{confirm}“.',

  welcome: 'Willkommen, {name}!',
  welcomeDetail: 'Die Tür ist offen. Kommen Sie herein.',
  open: 'Die Tür ist offen.',
  denied: 'Tut uns leid, kein Zutritt.',
  fault: 'Leider konnte die Tür Ihren Code nicht prüfen.',
  tryAgain: 'Bitte versuchen Sie es noch einmal, oder klingeln Sie.',
  paused: 'Das Tastenfeld macht eine Pause.',
  pausedDetail: 'Bitte warten Sie, oder klingeln Sie.',
  worksAgainIn: 'Es geht wieder in',
  clockUnknown: 'Das Tastenfeld geht gerade nicht.',
  clockUnknownDetail: 'Die Tür weiß die Uhrzeit noch nicht. Bitte klingeln oder klopfen Sie.',

  keypad: 'Tastenfeld',
  confirm: 'Öffnen',
  erase: 'Löschen',
  yourNumber: 'Ihre Nummer',
  bell: 'Klingeln',
  bellRung: 'Es hat geklingelt',
  bellFailed: 'Die Klingel geht nicht. Bitte klopfen Sie.',
  language: 'Sprache',
}
