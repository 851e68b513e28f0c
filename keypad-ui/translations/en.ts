export const en = {
  /** In the language itself, for visitors who can read nothing else on the page. */
  languageName: 'English',

  /** Until the door's own name is known. */
  door: 'Door',
  oneMoment: 'One moment, please.',
  startingAgain: 'One moment, the door is restarting.',
  stillStarting: 'This is taking longer than usual. Please knock.',

  idle: 'Type your code, or ring the bell.',
  here: 'Hello! One moment, please.',
  hereDetail: 'If you already have a code, type it in.',
  waiting: 'We have asked the owner. Please wait here.',
  waitingDetail: 'If they say yes, you will get a code by message.',
  sent: 'Your code is on its way to your phone.',
  sentDetail: 'Please type it in within five minutes.',
  noAnswer: 'Sorry, no one has answered.',
  noAnswerDetail: 'Please ring the bell, or come back later.',
  refused: 'Sorry, you cannot come in this time.',
  refusedDetail: 'If this is a mistake, please call the owner.',
  offline: 'The door has no internet right now.',
  offlineDetail: 'A code that you already have still works.',

  typing: 'Type all {digits}\u00a0digits of your code.',
  hold: 'Hold each digit until it is filled in.',
  typedCount: '{count} of {digits} digits typed',
  /** Names the key by its label. */
  complete: 'Now press “{confirm}”.',

  welcome: 'Welcome, {name}!',
  open: 'Unlocked: push the door.',
  denied: 'Sorry, permission denied.',
  fault: 'Sorry, the door could not check your code.',
  notOpened: 'Sorry, the door did not open.',
  notOpenedDetail: 'The owner is being notified. Please ring the bell.',
  notOpenedOffline: 'The code is used up. Please ring the bell or knock.',
  tryAgain: 'Please try again, or ring the bell.',
  paused: 'Please wait a moment.',
  pausedDetail: 'Meanwhile, read your code again, or ring the bell.',
  /** A duration follows. */
  worksAgainIn: 'You can type again in',
  clockUnknown: 'Codes from texts do not work right now.',
  clockUnknownDetail: 'A PIN does. If you have none, please ring the bell.',
  private: 'Please do not disturb right now.',
  privateDetail: 'Please come back later. Thank you.',
  shut: 'This door stays locked for now.',
  shutDetail: 'Codes do not open it right now. Please ring the bell or knock.',
  outOfOrder: 'Codes do not work at the moment.',
  outOfOrderDetail: 'Please knock or call the owner. People inside can leave as always.',

  keypad: 'Keypad',
  confirm: 'Open',
  erase: 'Delete',
  yourNumber: 'Your number',
  yourNumberDetail: 'Say this number if you call the owner.',
  bell: 'Ring the bell',
  bellRung: 'The bell has rung',
  bellFailed: 'It did not ring. Please knock.',
  /** Beside the QR code. */
  scan: 'No code yet? Scan this with your phone.',
  scanAlt: 'QR code',
  language: 'Language',
}
