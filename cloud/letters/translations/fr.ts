import type { Words } from './translations.ts'

export const fr: Words = {
  approval: {
    subject: 'Il y a quelqu’un : {door}',
    subjectWithNumber: 'Il y a quelqu’un : {door}, visite {number}',
    somebody: 'Il y a quelqu’un : {door}. Voulez-vous laisser entrer ?',
    visitNumber: 'Numéro de visite',
    noNumber: 'Cette visite n’a pas de numéro. Connectez-vous pour décider.',
    when: 'Quand',
    whyWeAsk: 'Pourquoi nous demandons',
    why: {
      'nobody-on-file': 'C’est un visage que vous n’avez encore jamais laissé entrer.',
      'weak-match': 'Ce visage n’a pas pu être reconnu avec certitude.',
      'seen-once': 'Ce visage n’a été vu qu’une fois, ce qui ne suffit pas pour être sûr.',
    },
    looksLike: 'Il ressemble à {name}, mais pas assez sûrement.',
    decide: 'Voir et décider',
    until: 'Le lien est valable jusqu’à {time}. Il demande le numéro de visite.',
    pictureOf: 'Le visage vu à la porte : {door}',
    keepIt: 'Qui possède ce message peut décider. Merci de ne pas le transférer.',
  },
  code: {
    subject: 'Votre code : {door}',
    hello: 'Bonjour {name},',
    yours: 'voici votre code pour la porte « {door} »',
    validity: 'Tapez-le à la porte dans les {minutes} minutes. Il sert une fois.',
    notYou: 'Vous ne vouliez pas entrer ? Alors il n’y a rien à faire.',
    text: '{code} est votre code : {door}. Valable {minutes} min, une fois.',
  },
  alarm: {
    subject: '{what} : {door}',
    when: 'Quand',
    door: 'Porte',
    kinds: {
      'keypad-paused': {
        title: 'Le clavier est en pause',
        what: 'Trop de codes faux ont été tapés, le clavier fait donc une pause.',
        advice:
          'La pause finit d’elle-même. Si c’était votre visite, demandez-lui de relire son code.',
      },
      'door-forced': {
        title: 'La porte a été forcée',
        what: 'La porte s’est ouverte sans que personne ne l’ait déverrouillée.',
        advice: 'Allez voir, ou demandez à quelqu’un de proche.',
      },
      'door-held-open': {
        title: 'La porte est encore ouverte',
        what: 'La porte est ouverte depuis plus longtemps que vous ne le permettez.',
        advice: 'Veillez à ce qu’elle se ferme.',
      },
      'lock-failed': {
        title: 'La serrure n’obéit pas',
        what: 'La serrure devait s’ouvrir ou se fermer et ne l’a pas fait.',
        advice: 'La porte n’est peut-être pas verrouillée, ou quelqu’un attend dehors. Allez voir.',
      },
      'door-offline': {
        title: 'La porte n’a pas pu être jointe',
        what: 'Le code d’une visite n’est pas arrivé à la porte, il n’a donc pas été envoyé.',
        advice: 'Les codes déjà envoyés restent valables. Vérifiez l’internet de la porte.',
      },
      'limit-hit': {
        title: 'Plus de codes pour l’instant',
        what: 'Quelqu’un à cette porte devait recevoir un code, mais autant que permis ont déjà été envoyés pour l’instant.',
        advice:
          'Les codes déjà envoyés restent valables. Vous pouvez ouvrir vous-même à la visite.',
      },
      'grant-refused': {
        title: 'La porte n’a pas pris un code',
        what: 'La porte n’a pas pris le code d’une visite, il n’a donc pas été envoyé.',
        advice:
          'Vous pouvez lui ouvrir vous-même, ou elle peut sonner encore pour en recevoir un autre.',
      },
      'text-not-sent': {
        title: 'Un code n’a pas pu être envoyé',
        what: 'Le message avec le code d’une visite n’a pas pu être envoyé.',
        advice:
          'Ouvrez-lui vous-même, et vérifiez la prochaine fois son téléphone ou son adresse e-mail.',
      },
      'log-broken': {
        title: 'Il manque quelque chose au journal de la porte',
        what: 'Ce que dit la porte ne suit pas ce qu’elle a dit avant.',
        advice: 'Si personne n’a travaillé sur la porte, faites-la vérifier.',
      },
      'too-much': {
        title: 'Il se passe plus que ce que nous vous écrivons',
        what: 'Il s’est passé plus à cette porte que ce que l’on vous écrit en une heure.',
        advice: 'Pendant cette heure, regardez vous-même à la porte : quelqu’un attend peut-être.',
      },
    },
  },
}
