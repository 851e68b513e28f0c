import type { Texts } from '../texts.ts'

export const en: Texts = {
  languageName: 'English',

  door: 'Door',
  oneMoment: 'One moment, please.',
  startingAgain: 'One moment, the door is starting again.',
  stillStarting: 'This is taking longer than usual. Please knock.',

  idle: 'Type your code, or ring the bell.',
  here: 'Hello! One moment, please.',
  hereDetail: 'If you already have a code, type it in.',
  waiting: 'We have asked the owner. Please wait here.',
  waitingDetail: 'If they say yes, you will get a code by message.',
  sent: 'Your code is on its way to your phone.',
  sentDetail: 'Please type it in within five minutes.',
  noAnswer: 'Sorry, nobody has answered.',
  noAnswerDetail: 'Please ring the bell, or come back later.',
  refused: 'Sorry, you cannot come in this time.',
  refusedDetail: 'If this is a mistake, please call the owner.',
  offline: 'The door has no internet right now.',
  offlineDetail: 'A code that you already have still works.',

  typing: 'Type all {digits}\u00a0digits of your code.',
  typedCount: '{count} of {digits} digits typed',
  complete: 'Now press “{confirm}”.',

  welcome: 'Welcome, {name}!',
  welcomeDetail: 'The door is open. Please come in.',
  open: 'The door is open.',
  denied: 'Sorry, permission denied.',
  fault: 'Sorry, the door could not check your code.',
  tryAgain: 'Please try again, or ring the bell.',
  paused: 'The keypad is taking a break.',
  pausedDetail: 'Please wait, or ring the bell.',
  worksAgainIn: 'It works again in',
  clockUnknown: 'The keypad cannot be used just now.',
  clockUnknownDetail: 'The door does not know the time yet. Please ring the bell or knock.',

  keypad: 'Keypad',
  confirm: 'Open',
  erase: 'Delete',
  yourNumber: 'Your number',
  bell: 'Ring the bell',
  bellRung: 'The bell has rung',
  bellFailed: 'It did not ring. Please knock.',
  language: 'Language',
}
