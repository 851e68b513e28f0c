import type { Translation } from './translations.ts'

/** French sets a narrow no-break space before “!” and “:” and inside « ». */
export const fr: Translation = {
  languageName: 'Français',

  door: 'Porte',
  oneMoment: 'Un instant, s’il vous plaît.',
  startingAgain: 'Un instant, la porte redémarre.',
  stillStarting: 'C’est plus long que d’habitude. Frappez, s’il vous plaît.',

  idle: 'Tapez votre code ou sonnez.',
  here: 'Bonjour\u202f! Un instant, s’il vous plaît.',
  hereDetail: 'Si vous avez déjà un code, tapez-le.',
  waiting: 'Nous avons prévenu vos hôtes. Attendez ici, s’il vous plaît.',
  waitingDetail: 'S’ils disent oui, vous recevrez un code par message.',
  sent: 'Votre code arrive sur votre téléphone.',
  sentDetail: 'Tapez-le dans les cinq minutes.',
  noAnswer: 'Désolé, personne n’a répondu.',
  noAnswerDetail: 'Sonnez ou revenez plus tard.',
  refused: 'Désolé, vous ne pouvez pas entrer cette fois-ci.',
  refusedDetail: 'Si c’est une erreur, appelez vos hôtes.',
  offline: 'La porte n’a pas Internet en ce moment.',
  offlineDetail: 'Si vous avez déjà un code, il reste valable.',

  typing: 'Tapez les {digits}\u00a0chiffres de votre code.',
  typedCount: 'Chiffres tapés\u202f: {count} sur {digits}',
  complete: 'Appuyez maintenant sur «\u202f{confirm}\u202f».',

  welcome: 'Bienvenue, {name}\u202f!',
  open: 'Déverrouillée\u202f: poussez la porte.',
  denied: 'Désolé, accès refusé.',
  fault: 'Désolé, la porte n’a pas pu vérifier votre code.',
  tryAgain: 'Réessayez ou sonnez.',
  paused: 'Patientez un instant, s’il vous plaît.',
  pausedDetail: 'Relisez votre code en attendant, ou sonnez.',
  worksAgainIn: 'Vous pourrez taper à nouveau dans',
  clockUnknown: 'Le clavier ne fonctionne pas pour l’instant.',
  clockUnknownDetail: 'La porte ne connaît pas encore l’heure. Sonnez ou frappez, s’il vous plaît.',
  shut: 'Cette porte reste fermée pour l’instant.',
  shutDetail: 'Aucun code ne l’ouvre en ce moment. Sonnez ou frappez, s’il vous plaît.',
  outOfOrder: 'Les codes ne fonctionnent pas pour le moment.',
  outOfOrderDetail: 'Frappez, s’il vous plaît. De l’intérieur, on peut sortir comme toujours.',

  keypad: 'Clavier',
  confirm: 'Ouvrir',
  erase: 'Effacer',
  yourNumber: 'Votre numéro',
  yourNumberDetail: 'Dites ce numéro si vous appelez vos hôtes.',
  bell: 'Sonner',
  bellRung: 'Vous avez sonné',
  bellFailed: 'La sonnette ne marche pas. Frappez, s’il vous plaît.',
  language: 'Langue',
}
