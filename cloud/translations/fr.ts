import type { Translation } from './translations.ts'

export const fr: Translation = {
  languageName: 'Français',

  request: {
    question: 'Il y a quelqu’un : {door}. Voulez-vous laisser entrer ?',
    visitNumber: 'Numéro de visite',
    when: 'Quand',
    why: 'Pourquoi nous demandons',
    reasons: {
      'not-on-file': 'C’est un visage que vous n’avez encore jamais laissé entrer.',
      'weak-match': 'Ce visage n’a pas pu être reconnu avec certitude.',
      'seen-once': 'Ce visage n’a été vu qu’une fois, ce qui ne suffit pas pour être sûr.',
      scanned: 'La personne a sonné avec son téléphone, devant la porte.',
      'welcome-over': 'La durée pendant laquelle vous la laissiez entrer est terminée.',
      'outside-hours': 'Cette personne vient en dehors des horaires de sa liste d’invités.',
      holiday: 'La porte est en mode vacances : elle demande pour chaque personne.',
    },
    givenName: 'Nom indiqué',
    noNumber: 'Pas de numéro : si vous laissez entrer, son téléphone affiche le code.',
    looksLike: 'Il ressemble à {name}, mais ce n’est pas assez sûr.',
    recognised: 'C’est {name}. {reason}',
  },

  requestMail: {
    subject: 'Il y a quelqu’un : {door}',
    subjectWithNumber: 'Il y a quelqu’un : {door}, visite {number}',
    noNumber: 'Cette visite n’a pas de numéro. Connectez-vous pour décider.',
    decide: 'Voir et décider',
    until: 'Le lien est valable jusqu’à {time}. Il demande le numéro de visite.',
    pictureOf: 'Le visage vu à la porte : {door}',
    confidential: 'Qui possède ce message peut décider. Merci de ne pas le transférer.',
  },

  codeMail: {
    subject: 'Votre code : {door}',
    hello: 'Bonjour {name},',
    intro: 'voici votre code pour la porte « {door} »',
    validity: 'Tapez-le à la porte dans les {minutes} minutes. Il sert une fois.',
    notYou: 'Vous ne vouliez pas entrer ? Alors il n’y a rien à faire.',
  },
  codeText: '{code} est votre code : {door}. Valable {minutes} min, une fois.',

  guestCode: {
    text: '{code} est votre code pour {door}, jusqu’au {until}.',
    textWithoutEnd: '{code} est votre code pour {door}.',
    typeIt: 'Tapez-le à la porte.',
    validity: 'Il est valable jusqu’au {until}.',
    keep: 'Ne le transmettez à personne.',
  },
  pinLink: {
    text: 'Choisissez ici votre code PIN pour la porte, dans la journée : {link}',
    subject: 'Choisissez votre code PIN',
    intro:
      'vous pouvez choisir un code PIN pour les portes de {home}. Avec lui, vous entrez sans SMS.',
    choose: 'Choisir un code PIN',
    once: 'Le lien fonctionne une fois, pendant un jour. Ne le transmettez à personne.',
  },
  pinPage: {
    title: 'Choisissez votre code PIN',
    pin: 'Votre code PIN',
    repeat: 'Le même encore une fois',
    hint: 'De {least} à 10 chiffres difficiles à deviner. Il n’est pas enregistré : retenez-le.',
    save: 'Définir le code PIN',
    done: 'Votre code PIN est défini',
    doneDetail: 'Il ouvrira la porte dans un instant. Le lien ne fonctionne plus.',
    gone: 'Ce lien ne fonctionne plus',
    goneDetail: 'Demandez-en un nouveau.',
    needsScript: 'Cette page a besoin de JavaScript.',
    linkIncomplete: 'Le lien n’est pas complet. Copiez-le en entier.',
    noAnswer: 'Il n’y a pas eu de réponse. Veuillez réessayer.',
    flaws: {
      differs: 'Les deux ne sont pas identiques.',
      missing: 'Tapez un code PIN.',
      'not-digits': 'Un code PIN n’a que des chiffres.',
      'too-easy': 'C’est celui que les inconnus essaient d’abord. Choisissez-en un autre.',
      'too-short': 'Un code PIN a au moins {least} chiffres.',
      'too-long': 'Un code PIN a {most} chiffres au plus.',
      'in-use': 'Ce code PIN ne peut pas être utilisé. Choisissez-en un autre.',
      'too-many-tries': 'Trop d’essais. Réessayez dans une heure.',
      full: 'Aucun code PIN ne peut être défini pour le moment. Dites-le à la personne qui vous a envoyé le lien.',
    },
  },

  alarmMail: {
    subject: '{what} : {door}',
    when: 'Quand',
    door: 'Porte',
    kinds: {
      'keypad-paused': {
        title: 'Beaucoup de codes faux au clavier',
        what: 'Beaucoup de codes faux ont été tapés. Le clavier attend maintenant jusqu’à 30 secondes après chacun, et un code juste ouvre toujours la porte.',
        advice:
          'Si c’était votre visite, demandez-lui de relire son code. Sinon, regardez qui est à la porte.',
      },
      'door-forced': {
        title: 'La porte a été forcée',
        what: 'La porte s’est ouverte sans être déverrouillée.',
        advice: 'Allez voir, ou demandez à quelqu’un de proche.',
      },
      'door-held-open': {
        title: 'La porte est encore ouverte',
        what: 'La porte est ouverte depuis plus longtemps que vous ne le permettez.',
        advice: 'Veillez à ce qu’elle se ferme.',
      },
      'lock-failed': {
        title: 'La serrure ne répond pas',
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
        what: 'Une visite devait recevoir un code, mais aucun autre ne peut être envoyé pour l’instant.',
        advice:
          'Les codes déjà envoyés restent valables. Vous pouvez ouvrir vous-même à la visite.',
      },
      'door-locked': {
        title: 'La porte doit rester verrouillée',
        what: 'La porte a refusé de s’ouvrir, car elle doit rester verrouillée.',
        advice: 'Le mode de la porte se règle dans son propre fichier de configuration.',
      },
      'grant-refused': {
        title: 'La porte n’a pas accepté un code',
        what: 'La porte n’a pas accepté le code d’une visite, il n’a donc pas été envoyé.',
        advice:
          'Vous pouvez lui ouvrir vous-même, ou elle peut sonner encore pour en recevoir un autre.',
      },
      'text-not-sent': {
        title: 'Un code n’a pas pu être envoyé',
        what: 'Le message avec le code d’une visite n’a pas pu être envoyé.',
        advice:
          'Ouvrez-lui vous-même, et vérifiez la prochaine fois son téléphone ou son adresse e-mail.',
      },
      duress: {
        title: 'Un code PIN de détresse a été tapé',
        what: 'Un code PIN a été tapé qui signifie : on me menace. La porte s’est ouverte comme avec tout autre code, et rien à la porte ne montre cette alerte.',
        advice: 'N’appelez pas et n’allez pas à la porte. Appelez la police.',
      },
      'break-glass': {
        title: 'Un code de secours a ouvert la porte',
        what: 'Un code de la feuille imprimée a été utilisé. Chacun fonctionne une fois.',
        advice:
          'Si ce n’était aucun de vous, imprimez une nouvelle feuille : l’ancienne ne vaudra plus.',
      },
      'calendar-failed': {
        title: 'Un calendrier ne peut pas être lu',
        what: 'Le calendrier des réservations n’a pas pu être lu pendant un jour. Les codes existants restent tels quels ; les nouvelles réservations n’en reçoivent pas.',
        advice: 'Vérifiez son adresse sur la page de la porte.',
      },
      'text-unconfirmed': {
        title: 'Un SMS n’est peut-être pas arrivé',
        what: 'Le code d’une visite a été envoyé par SMS, mais rien n’a confirmé à temps son arrivée.',
        advice:
          'Si la personne n’est pas entrée, ouvrez-lui vous-même. Avec une adresse e-mail, elle aurait aussi reçu le code par e-mail.',
      },
      'sensor-unsteady': {
        title: 'Un capteur de la porte ne se stabilise pas',
        what: 'Un capteur de la porte change sans cesse : le contact, le capteur de verrou, le bouton de sortie ou la sonnette.',
        advice:
          'Il est peut-être desserré ou mouillé, ou quelqu’un joue avec. Jusqu’à ce qu’il soit stable, la porte ne donne ses autres alarmes qu’une fois au plus. Veuillez vérifier.',
      },
      'log-broken': {
        title: 'Le journal de la porte a été modifié',
        what: 'Ce que la porte signale ne suit pas ce qu’elle a signalé avant : son journal est revenu en arrière ou a été modifié.',
        advice:
          'C’est le cas une fois après la restauration d’une sauvegarde sur la porte. Si vous ne l’avez pas fait, quelqu’un a peut-être modifié le journal : faites vérifier la porte.',
      },
      'log-gap': {
        title: 'Il manque quelque chose au journal de la porte',
        what: 'Certains rapports de la porte ne sont pas arrivés depuis des heures.',
        advice:
          'Ce qui s’est passé entre-temps manque dans l’historique. Si la porte et internet fonctionnent, faites vérifier la porte.',
      },
      'too-much': {
        title: 'Il se passe plus que ce que nous vous écrivons',
        what: 'Il s’est passé plus à cette porte que ce que nous écrivons en une heure.',
        advice: 'Pendant cette heure, regardez vous-même à la porte : quelqu’un attend peut-être.',
      },
    },
  },

  approvalPage: {
    title: 'Quelqu’un est à votre porte',
    oneMoment: 'Un instant, s’il vous plaît.',
    needsScript:
      'Cette page a besoin de JavaScript, car seul votre navigateur connaît la partie secrète du lien. Activez-le, ou ouvrez le lien dans un autre navigateur.',
    linkIncomplete:
      'Ce lien n’est pas complet. Ouvrez-le à nouveau depuis le message, ou copiez-le en entier.',
    noAnswer: 'Impossible de nous joindre. Êtes-vous en ligne ?',
    tryAgain: 'Réessayer',
    faceAlt: 'Le visage à la porte',
    noPicture: 'L’image a été supprimée, elle ne permet donc plus de laisser entrer quelqu’un.',
    noNumber: 'Cette visite n’a pas de numéro et ne peut pas être décidée avec ce lien.',

    visitNumberHint: 'Il est dans le message, et sur l’écran à la porte.',
    letIn: 'Laisser entrer avec un code',
    name: 'Nom',
    phone: 'Téléphone',
    phoneHint: 'Avec l’indicatif du pays, comme +49 170 1234567',
    phoneOptional: 'Peut rester vide : son téléphone affiche le code.',
    email: 'E-mail',
    reach: 'Téléphone ou e-mail : un seul suffit.',
    prefers: 'Si les deux : envoyer les codes par',
    bySms: 'SMS',
    byEmail: 'e-mail',
    language: 'Sa langue',
    validity: 'Peut venir pendant',
    validities: { day: 'un jour', week: 'une semaine', month: 'un mois', always: 'toujours' },
    remember: 'La personne accepte que la porte mémorise son visage',
    rememberHint:
      'La porte la reconnaîtra la prochaine fois. Sinon, l’image est supprimée sous 30 jours.',
    more: 'E-mail, langue, mémoriser cette personne …',
    allow: 'Laisser entrer',
    openTitle: 'Ouvrir une fois, maintenant',
    openHint: 'Pour un livreur : sans téléphone, sans code, et personne n’est enregistré.',
    open: 'Ouvrir la porte',
    block: 'En cas de refus : ne plus me demander pour ce visage',
    deny: 'Ne pas laisser entrer',

    allowed: '{name} peut entrer.',
    codes: {
      'on-its-way': 'Son code est en route. Il sert une fois, pendant cinq minutes.',
      'has-one': 'Un code existe déjà.',
      limited:
        'Mais aucun code n’a été envoyé : il y en a eu trop en peu de temps. Ouvrez la porte vous-même.',
      'unknown-door': 'Mais aucun code n’a été envoyé : cette porte n’est plus installée.',
      crowded:
        'Mais aucun code n’a été envoyé : trop sont en service. Réessayez dans cinq minutes.',
    },
    denied: 'Vous n’avez pas laissé entrer la personne.',
    deniedDetail: 'L’écran à la porte le lui dit poliment.',
    opened: 'La porte doit s’ouvrir une fois, maintenant.',
    openedDetail:
      'Elle se verrouille d’elle-même. Si la visite attend encore, regardez dans la console.',
    already: {
      allowed: 'Déjà autorisé par {by}, {time}.',
      denied: 'Déjà refusé par {by}, {time}.',
      opened: 'Déjà ouverte une fois par {by}, {time}.',
    },
    oneTryLeft: 'Il vous reste un essai.',
    triesLeft: 'Il vous reste {count} essais.',
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
      'other-photo': 'L’image a changé. Ouvrez le lien à nouveau et regardez.',
      'not-supported': 'Cette porte ne peut pas être ouverte d’ici.',
    },
    wrongOrigin: 'Cette réponse n’est pas venue de notre page, elle n’a donc pas été acceptée.',
    malformed: 'Nous n’avons pas pu lire ce formulaire. Ouvrez à nouveau le lien du message.',
    checkFields: 'Vérifiez les champs marqués ci-dessous.',
    problems: {
      missing: 'Ce champ est obligatoire.',
      'too-long': 'C’est trop long.',
      unfit: 'Cela ne semble pas juste.',
      'no-way': 'Il nous faut un numéro ou une adresse e-mail pour envoyer le code.',
      'not-international': 'Écrivez-le avec l’indicatif du pays, comme +49 170 1234567.',
      'country-not-allowed': 'Votre foyer n’envoie pas de SMS vers ce pays.',
      'costs-extra': 'Votre foyer n’envoie pas de SMS vers les numéros surtaxés.',
    },
    numberMissing: 'Tapez le numéro de visite qui est dans le message.',
  },

  signInPage: {
    welcome: 'Bienvenue à votre porte',
    invitedOnly: 'Connectez-vous avec l’adresse à laquelle votre invitation a été envoyée.',
    signIn: 'Se connecter',
    failed: 'Vous n’êtes pas connecté',
    failedDetail:
      'La connexion a pris trop de temps ou a commencé dans un autre navigateur. Veuillez réessayer.',
    noMember: 'Vous n’êtes membre d’aucun foyer',
    noMemberDetail: 'Si vous devriez l’être, demandez une invitation à un propriétaire.',
    signOut: 'Se déconnecter',
  },

  ringPage: {
    title: 'Sonner à la porte',
    ready: 'Sonner avec votre téléphone',
    readyDetail:
      'Indiquez votre nom, et nous demandons au propriétaire. Aucun numéro n’est nécessaire.',
    name: 'Votre nom',
    ring: 'Sonner',
    waiting: 'Nous avons demandé au propriétaire.',
    waitingDetail: 'Restez devant la porte. S’il dit oui, votre code s’affiche ici.',
    allowed: 'Vous pouvez entrer.',
    allowedDetail: 'Votre code s’affiche ici dans un instant.',
    code: 'Votre code',
    codeDetail: 'Tapez-le à la porte dans les {minutes} minutes. Il sert une seule fois.',
    codeDetailNow: 'Tapez-le à la porte maintenant. Il sert une seule fois.',
    used: 'Bienvenue !',
    usedDetail: 'Vous pouvez fermer cette page.',
    opened: 'Poussez la porte, s’il vous plaît.',
    openedDetail: 'Elle est ouverte pour vous pendant quelques secondes.',
    denied: 'Désolé, vous ne pouvez pas entrer cette fois.',
    deniedDetail: 'Si c’est une erreur, appelez le propriétaire.',
    noAnswer: 'Désolé, personne n’a répondu.',
    noAnswerDetail: 'Sonnez, ou scannez encore une fois le code à la porte.',
    expired: 'Votre code ne marche plus.',
    expiredDetail: 'Pour sonner encore, scannez le code à la porte.',
    failed: 'Désolé, aucun code n’a pu être fait.',
    failedDetail: 'Sonnez à la porte, s’il vous plaît.',
    notScanned: 'Scannez le code à la porte, s’il vous plaît.',
    notScannedDetail: 'Il change toutes les 30 secondes et ne sert qu’aux personnes présentes.',
    taken: 'Un autre téléphone a déjà sonné avec ce code.',
    takenDetail: 'Scannez celui que la porte affiche maintenant.',
    limited: 'Désolé, cela n’a pas sonné.',
    limitedDetail: 'Sonnez à la porte, s’il vous plaît.',
    checkAgain: 'Vérifier encore',
    about: 'Que sait-on de moi ?',
  },

  aboutVisit: {
    title: 'À propos de votre visite',
    intro: 'Vous étiez devant une porte avec caméra. Voici ce qu’elle enregistre sur vous.',
    stored: {
      pictures:
        'Tant que vous êtes devant la porte, elle prend des photos et une vidéo. Les photos sont effacées après {snapshots} jours, la vidéo après {recordings} jours.',
      visit:
        'Votre venue, son heure et l’ouverture de la porte sont conservées pendant {visits} jours.',
      contact:
        'Si vous êtes entré avec un code, le propriétaire a enregistré votre nom, et le numéro ou l’adresse où le code a été envoyé. Ils restent jusqu’à ce qu’il les efface. Le nom que vous avez tapé pour sonner avec votre téléphone est effacé après {requests} jours.',
      face: 'La porte ne reconnaît votre visage plus tard que si vous l’avez accepté.',
    },
    rightsTitle: 'Voir ou effacer vos données',
    rights:
      'Demandez à la personne que vous avez visitée. Elle peut vous montrer tout ce qui est enregistré sur vous et l’effacer aussitôt : nom, adresse, photo, visage et codes. Les copies de restauration disparaissent après {backup} jours de plus.',
    note: 'Elle seule voit vos données. Cette page ne sait pas qui vous êtes.',
  },
}
