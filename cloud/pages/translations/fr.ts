import type { PageWords } from './translations.ts'

export const fr: PageWords = {
  title: 'Quelqu’un est à votre porte',
  oneMoment: 'Un instant, s’il vous plaît.',
  needsScript:
    'Cette page a besoin de JavaScript, car seul votre navigateur connaît la partie secrète du lien. Activez-le, ou ouvrez le lien du courriel dans un autre navigateur.',
  linkIncomplete:
    'Ce lien n’est pas complet. Ouvrez-le à nouveau depuis le message, ou copiez-le en entier.',
  noAnswer: 'Impossible de nous joindre. Êtes-vous en ligne ?',
  tryAgain: 'Réessayer',

  somebody: 'Il y a quelqu’un : {door}. Voulez-vous laisser entrer ?',
  when: 'Quand',
  why: 'Pourquoi nous demandons',
  reasons: {
    'nobody-on-file': 'C’est un visage que vous n’avez encore jamais laissé entrer.',
    'weak-match': 'Ce visage n’a pas pu être reconnu avec certitude.',
    'seen-once': 'Ce visage n’a été vu qu’une fois, ce qui ne suffit pas pour être sûr.',
  },
  looksLike: 'Il ressemble à {name}, mais pas assez sûrement.',
  faceAlt: 'Le visage à la porte',
  noPicture: 'L’image n’est plus là, elle ne permet donc plus de laisser entrer quelqu’un.',
  noNumber: 'Cette visite n’a pas de numéro et ne peut pas être décidée avec ce lien.',

  visitNumber: 'Numéro de visite',
  visitNumberHint: 'Il est dans le message, et sur l’écran à la porte.',
  letIn: 'Laisser entrer',
  name: 'Nom',
  phone: 'Téléphone',
  phoneHint: 'Avec l’indicatif du pays, comme +49 170 1234567',
  email: 'E-mail',
  reach: 'Téléphone ou e-mail : un seul suffit.',
  prefers: 'Si les deux : envoyer les codes par',
  bySms: 'SMS',
  byEmail: 'e-mail',
  language: 'Sa langue',
  validity: 'Peut venir pendant',
  validities: { day: 'un jour', week: 'une semaine', month: 'un mois', always: 'toujours' },
  remember: 'La personne accepte que son visage soit mémorisé',
  rememberHint:
    'La porte la reconnaîtra la prochaine fois. Sinon, l’image est supprimée sous 30 jours.',
  allow: 'Autoriser et envoyer un code',
  turnAway: 'Ne pas laisser entrer',
  block: 'Ne plus me demander pour ce visage',
  deny: 'Refuser',

  allowed: '{name} peut entrer.',
  codes: {
    'on-its-way': 'Son code est en route. Il sert une fois, pendant cinq minutes.',
    'has-one': 'Un code existe déjà.',
    limited:
      'Mais aucun code n’a été envoyé : il y en a eu trop en peu de temps. Ouvrez la porte vous-même.',
    'unknown-door': 'Mais aucun code n’a été envoyé : cette porte n’est plus installée.',
    crowded: 'Mais aucun code n’a été envoyé : trop sont en service. Réessayez dans cinq minutes.',
  },
  denied: 'La personne n’a pas été acceptée.',
  deniedDetail: 'L’écran à la porte le dit, avec gentillesse.',
  alreadyAllowed: 'Déjà autorisé par {by}, {time}.',
  alreadyDenied: 'Déjà refusé par {by}, {time}.',
  byMail: 'quelqu’un qui a le message',
  expired: 'Ce lien a expiré.',
  expiredDetail:
    'Il est valable 15 minutes. Si la personne est encore là, elle peut sonner à nouveau.',
  refused: {
    unknown: 'Ce lien ne fonctionne pas. Ouvrez-le depuis le message le plus récent.',
    expired:
      'Ce lien ne fonctionne plus. Si la personne est encore là, elle peut sonner à nouveau.',
    'wrong-token': 'Ce lien ne fonctionne pas. Ouvrez-le depuis le message le plus récent.',
    'wrong-number': 'Ce n’est pas le numéro de visite. Regardez dans le message.',
    'other-photo': 'L’image a changé depuis. Ouvrez le lien à nouveau et regardez.',
  },
  wrongOrigin: 'Cette réponse n’est pas venue de notre page, elle ne compte donc pas.',
  faulty: 'Quelque chose a échoué de notre côté. Réessayez.',
  pleaseMend: 'Regardez ce qui est marqué ci-dessous.',
  problems: {
    missing: 'C’est nécessaire.',
    'too-long': 'C’est trop long.',
    unfit: 'Cela ne semble pas juste.',
    'no-way': 'Il nous faut un numéro ou une adresse e-mail pour envoyer le code.',
    'not-international': 'Écrivez-le avec l’indicatif du pays, comme +49 170 1234567.',
    'country-not-allowed': 'Votre foyer n’envoie pas de SMS vers ce pays.',
    'costs-extra': 'Votre foyer n’envoie pas de SMS vers les numéros surtaxés.',
  },
  numberMissing: 'Tapez le numéro de visite qui est dans le message.',
}
