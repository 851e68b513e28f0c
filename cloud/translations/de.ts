import type { Translation } from './translations.ts'

export const de: Translation = {
  languageName: 'Deutsch',

  request: {
    question: 'Jemand ist da: {door}. Möchten Sie öffnen lassen?',
    visitNumber: 'Besuchsnummer',
    when: 'Wann',
    why: 'Warum wir fragen',
    reasons: {
      'not-on-file': 'Dieses Gesicht haben Sie noch nie hereingelassen.',
      'weak-match': 'Dieses Gesicht war nicht sicher zu erkennen.',
      'seen-once': 'Dieses Gesicht war nur einmal zu sehen, das reicht nicht, um sicher zu sein.',
      scanned: 'Jemand hat an der Tür mit dem Handy geklingelt.',
      'welcome-over': 'Die Zeit, für die Sie diese Person hereinlassen, ist vorbei.',
      'outside-hours': 'Die Person kommt außerhalb der Zeiten ihrer Gästeliste.',
      holiday: 'Die Tür ist im Urlaubsmodus und fragt deshalb bei allen nach.',
    },
    givenName: 'Genannter Name',
    noNumber: 'Keine Telefonnummer: Wenn Sie öffnen lassen, zeigt das Handy den Code.',
    looksLike: 'Es sieht aus wie {name}, aber das ist nicht sicher genug.',
    recognised: 'Es ist {name}. {reason}',
  },

  requestMail: {
    subject: 'Jemand ist da: {door}',
    subjectWithNumber: 'Jemand ist da: {door}, Besuch {number}',
    noNumber: 'Dieser Besuch hat keine Nummer. Bitte melden Sie sich an, um zu entscheiden.',
    decide: 'Ansehen und entscheiden',
    until: 'Der Link gilt bis {time}. Er fragt nach der Besuchsnummer.',
    pictureOf: 'Das Gesicht vor der Tür: {door}',
    confidential: 'Wer diese Mail hat, kann entscheiden. Bitte leiten Sie sie nicht weiter.',
  },

  codeMail: {
    subject: 'Ihr Code: {door}',
    hello: 'Hallo {name},',
    intro: 'das ist Ihr Code für die Tür „{door}“',
    validity: 'Bitte tippen Sie ihn in den nächsten {minutes} Minuten ein. Er gilt einmal.',
    notYou: 'Sie wollten gar nicht hinein? Dann brauchen Sie nichts zu tun.',
  },
  codeText: '{code} ist Ihr Code: {door}. Gilt {minutes} min, einmal.',

  guestCode: {
    text: '{code} ist Ihr Code für {door}, bis {until}.',
    textWithoutEnd: '{code} ist Ihr Code für {door}.',
    typeIt: 'Tippen Sie ihn an der Tür ein.',
    validity: 'Er gilt bis {until}.',
    keep: 'Bitte geben Sie ihn nicht weiter.',
  },
  pinLink: {
    text: 'Wählen Sie hier Ihre PIN für die Tür, innerhalb eines Tages: {link}',
    subject: 'Wählen Sie Ihre PIN',
    intro:
      'Sie können eine PIN für die Türen von {home} wählen. Mit ihr kommen Sie ohne SMS herein.',
    choose: 'PIN wählen',
    once: 'Der Link gilt einmal, einen Tag lang. Geben Sie ihn nicht weiter.',
  },
  pinPage: {
    title: 'Wählen Sie Ihre PIN',
    pin: 'Ihre PIN',
    repeat: 'Noch einmal dieselbe',
    hint: '{least} bis 10 Ziffern, die schwer zu erraten sind. Sie wird nicht gespeichert: Bitte merken Sie sie sich.',
    save: 'PIN setzen',
    done: 'Ihre PIN ist gesetzt',
    doneDetail: 'Sie öffnet die Tür in wenigen Augenblicken. Der Link gilt nicht mehr.',
    gone: 'Dieser Link gilt nicht mehr',
    goneDetail: 'Bitten Sie um einen neuen.',
    needsScript: 'Diese Seite braucht JavaScript.',
    linkIncomplete: 'Der Link ist nicht vollständig. Bitte kopieren Sie ihn ganz.',
    noAnswer: 'Es kam keine Antwort. Bitte versuchen Sie es noch einmal.',
    flaws: {
      differs: 'Die beiden sind nicht gleich.',
      missing: 'Bitte tippen Sie eine PIN.',
      'not-digits': 'Eine PIN hat nur Ziffern.',
      'too-easy': 'Diese probieren Fremde zuerst. Bitte wählen Sie eine andere.',
      'too-short': 'Eine PIN braucht mindestens {least} Ziffern.',
      'too-long': 'Eine PIN hat höchstens {most} Ziffern.',
      'in-use': 'Diese PIN geht nicht. Bitte wählen Sie eine andere.',
      'too-many-tries': 'Zu viele Versuche. Bitte versuchen Sie es in einer Stunde wieder.',
      full: 'Zurzeit kann keine PIN gesetzt werden. Bitte sagen Sie es der Person, die Ihnen den Link geschickt hat.',
    },
  },

  alarmMail: {
    subject: '{what}: {door}',
    when: 'Wann',
    door: 'Tür',
    kinds: {
      'keypad-paused': {
        title: 'Viele falsche Codes am Tastenfeld',
        what: 'Es wurden viele falsche Codes getippt. Das Tastenfeld wartet jetzt nach jedem bis zu 30 Sekunden; ein richtiger Code öffnet die Tür weiterhin.',
        advice:
          'War es Ihr Besuch, bitten Sie ihn, den Code noch einmal zu lesen. Wenn nicht, sehen Sie nach, wer vor der Tür steht.',
      },
      'door-forced': {
        title: 'Die Tür wurde aufgebrochen',
        what: 'Die Tür ging auf, obwohl sie nicht entriegelt war.',
        advice: 'Bitte sehen Sie nach oder bitten Sie jemanden in der Nähe darum.',
      },
      'door-held-open': {
        title: 'Die Tür steht noch offen',
        what: 'Die Tür ist schon länger offen, als Sie es erlauben.',
        advice: 'Bitte sorgen Sie dafür, dass sie zugeht.',
      },
      'lock-failed': {
        title: 'Das Schloss reagiert nicht',
        what: 'Das Schloss sollte auf- oder zugehen und tat es nicht.',
        advice:
          'Vielleicht ist die Tür nicht verriegelt, oder jemand wartet draußen. Bitte sehen Sie nach.',
      },
      'door-offline': {
        title: 'Die Tür war nicht zu erreichen',
        what: 'Der Code eines Besuchs kam nicht an der Tür an und wurde darum nicht verschickt.',
        advice: 'Früher verschickte Codes gelten weiter. Bitte prüfen Sie das Internet an der Tür.',
      },
      'limit-hit': {
        title: 'Vorerst keine Codes mehr',
        what: 'Ein Besuch hätte einen Code bekommen sollen, aber vorerst dürfen keine weiteren verschickt werden.',
        advice: 'Früher verschickte Codes gelten weiter. Sie können den Besuch selbst einlassen.',
      },
      'door-locked': {
        title: 'Die Tür soll verschlossen bleiben',
        what: 'Die Tür sollte geöffnet werden und blieb zu, weil sie verschlossen bleiben soll.',
        advice: 'Wie sich die Tür verhält, steht in ihrer eigenen Konfigurationsdatei.',
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
      duress: {
        title: 'Eine Notfall-PIN wurde getippt',
        what: 'Es wurde eine PIN getippt, die heißt: Ich werde bedroht. Die Tür ging auf wie mit jeder anderen PIN, und an der Tür ist von diesem Alarm nichts zu sehen.',
        advice: 'Rufen Sie nicht an und gehen Sie nicht hin. Rufen Sie die Polizei.',
      },
      'break-glass': {
        title: 'Ein Code des Notfallblatts öffnete die Tür',
        what: 'Ein Code des gedruckten Blatts wurde benutzt. Jeder gilt einmal.',
        advice:
          'Falls es niemand von Ihnen war, drucken Sie ein neues Blatt: Damit gilt das alte nicht mehr.',
      },
      'calendar-failed': {
        title: 'Ein Kalender ist nicht lesbar',
        what: 'Der Buchungskalender war einen Tag lang nicht lesbar. Vorhandene Codes bleiben, wie sie sind; neue Buchungen bekommen keine.',
        advice: 'Bitte prüfen Sie seine Adresse auf der Seite der Tür.',
      },
      'text-unconfirmed': {
        title: 'Eine SMS ist vielleicht nicht angekommen',
        what: 'Der Code eines Besuchs wurde als SMS verschickt, aber nichts bestätigte rechtzeitig, dass sie ankam.',
        advice:
          'Falls der Besuch noch draußen steht, lassen Sie ihn bitte selbst ein. Mit einer E-Mail-Adresse bekäme er den Code auch per E-Mail.',
      },
      'sensor-unsteady': {
        title: 'Ein Sensor der Tür kommt nicht zur Ruhe',
        what: 'Ein Sensor der Tür wechselt immer wieder: Türkontakt, Riegelsensor, Austaster oder Klingel.',
        advice:
          'Vielleicht ist er lose oder nass, oder jemand spielt damit. Bis er zur Ruhe kommt, meldet die Tür ihre übrigen Alarme höchstens einmal. Bitte sehen Sie nach.',
      },
      'log-broken': {
        title: 'Das Protokoll der Tür wurde geändert',
        what: 'Was die Tür meldet, passt nicht zu dem, was sie vorher gemeldet hat: Ihr Protokoll wurde zurückgesetzt oder geändert.',
        advice:
          'Das ist einmal so, nachdem auf der Tür eine Sicherung wiederhergestellt wurde. Waren Sie das nicht, hat vielleicht jemand das Protokoll geändert: Lassen Sie die Tür bitte prüfen.',
      },
      'log-gap': {
        title: 'Im Protokoll der Tür fehlt etwas',
        what: 'Einige Meldungen der Tür sind seit Stunden nicht angekommen.',
        advice:
          'Was dazwischen geschah, fehlt im Verlauf. Sind Tür und Internet in Ordnung, lassen Sie die Tür bitte prüfen.',
      },
      'too-much': {
        title: 'Hier geschieht mehr, als wir mailen',
        what: 'An dieser Tür geschah mehr, als wir in einer Stunde mailen.',
        advice: 'Bitte sehen Sie in dieser Stunde selbst nach der Tür: Vielleicht wartet jemand.',
      },
    },
  },

  approvalPage: {
    title: 'Jemand ist an Ihrer Tür',
    oneMoment: 'Einen Moment, bitte.',
    needsScript:
      'Diese Seite braucht JavaScript, denn nur Ihr Browser kennt den geheimen Teil des Links. Bitte schalten Sie es ein oder öffnen Sie den Link in einem anderen Browser.',
    linkIncomplete:
      'Dieser Link ist nicht vollständig. Bitte öffnen Sie ihn noch einmal aus der Mail oder kopieren Sie ihn ganz.',
    noAnswer: 'Wir sind nicht zu erreichen. Sind Sie online?',
    tryAgain: 'Noch einmal versuchen',
    faceAlt: 'Das Gesicht an der Tür',
    noPicture: 'Das Bild wurde gelöscht, darum kann damit niemand hereingelassen werden.',
    noNumber: 'Dieser Besuch hat keine Nummer und kann über diesen Link nicht entschieden werden.',

    visitNumberHint: 'Sie steht in der Mail und auf dem Bildschirm an der Tür.',
    letIn: 'Mit einem Code hereinlassen',
    name: 'Name',
    phone: 'Telefon',
    phoneHint: 'Mit Ländervorwahl, etwa +49 170 1234567',
    phoneOptional: 'Kann leer bleiben: Das Handy zeigt den Code.',
    email: 'E-Mail',
    reach: 'Telefon oder E-Mail: eines genügt.',
    prefers: 'Bei beidem: Codes kommen per',
    bySms: 'SMS',
    byEmail: 'E-Mail',
    language: 'Sprache des Besuchs',
    validity: 'Willkommen für',
    validities: { day: 'einen Tag', week: 'eine Woche', month: 'einen Monat', always: 'immer' },
    remember: 'Der Besuch ist einverstanden, dass sich die Tür sein Gesicht merkt',
    rememberHint:
      'Dann erkennt ihn die Tür beim nächsten Mal. Sonst wird dieses Bild binnen 30 Tagen gelöscht.',
    more: 'E-Mail, Sprache, diese Person merken …',
    allow: 'Hereinlassen',
    openTitle: 'Jetzt einmal öffnen',
    openHint: 'Für Boten: ohne Telefonnummer, ohne Code, und es wird nichts gespeichert.',
    open: 'Tür öffnen',
    block: 'Beim Abweisen: zu diesem Gesicht nicht mehr fragen',
    deny: 'Abweisen',

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
    denied: 'Sie haben den Besuch abgewiesen.',
    deniedDetail: 'Auf dem Bildschirm an der Tür steht es höflich.',
    opened: 'Die Tür soll sich jetzt einmal öffnen.',
    openedDetail:
      'Sie verriegelt sich von selbst. Wartet der Besuch noch, sehen Sie bitte in der Konsole nach.',
    already: {
      allowed: 'Schon erlaubt von {by}, {time}.',
      denied: 'Schon abgelehnt von {by}, {time}.',
      opened: 'Schon einmal geöffnet von {by}, {time}.',
    },
    oneTryLeft: 'Sie haben noch einen Versuch.',
    triesLeft: 'Sie haben noch {count} Versuche.',
    byMail: 'jemandem mit der Mail',
    expired: 'Dieser Link ist abgelaufen.',
    expiredDetail: 'Er gilt 15 Minuten. Wer noch da ist, kann noch einmal klingeln.',
    refused: {
      unknown: 'Dieser Link geht nicht. Bitte öffnen Sie ihn aus der neuesten Mail.',
      expired: 'Dieser Link geht nicht mehr. Wer noch da ist, kann noch einmal klingeln.',
      'wrong-token': 'Dieser Link geht nicht. Bitte öffnen Sie ihn aus der neuesten Mail.',
      'wrong-number': 'Das ist nicht die Besuchsnummer. Bitte sehen Sie in der Mail nach.',
      'other-photo': 'Das Bild hat sich geändert. Bitte öffnen Sie den Link noch einmal.',
      'not-supported': 'Diese Tür lässt sich von hier nicht öffnen.',
    },
    wrongOrigin: 'Diese Antwort kam nicht von unserer Seite und wurde darum nicht angenommen.',
    malformed:
      'Dieses Formular ist nicht lesbar. Bitte öffnen Sie den Link in der Mail noch einmal.',
    checkFields: 'Bitte prüfen Sie die markierten Felder.',
    problems: {
      missing: 'Das wird gebraucht.',
      'too-long': 'Das ist zu lang.',
      unfit: 'Das sieht nicht richtig aus.',
      'no-way': 'Für den Code brauchen wir eine Telefonnummer oder E-Mail-Adresse.',
      'not-international': 'Bitte mit Ländervorwahl schreiben, etwa +49 170 1234567.',
      'country-not-allowed': 'In dieses Land schickt Ihr Haushalt keine SMS.',
      'costs-extra': 'An Nummern mit Sondertarif schickt Ihr Haushalt keine SMS.',
    },
    numberMissing: 'Bitte tippen Sie die Besuchsnummer aus der Mail ein.',
  },

  signInPage: {
    welcome: 'Willkommen an Ihrer Tür',
    invitedOnly: 'Melden Sie sich mit der Adresse an, an die Ihre Einladung ging.',
    signIn: 'Anmelden',
    failed: 'Sie sind nicht angemeldet',
    failedDetail:
      'Das Anmelden hat zu lange gedauert oder wurde in einem anderen Browser begonnen. Bitte versuchen Sie es noch einmal.',
    noMember: 'Sie gehören zu keinem Haushalt',
    noMemberDetail:
      'Falls das nicht stimmt, bitten Sie jemanden aus dem Haushalt um eine Einladung.',
    signOut: 'Abmelden',
  },

  ringPage: {
    title: 'An der Tür klingeln',
    ready: 'Mit dem Handy klingeln',
    readyDetail:
      'Nennen Sie Ihren Namen, und wir fragen im Haus nach. Eine Telefonnummer ist nicht nötig.',
    name: 'Ihr Name',
    ring: 'Klingeln',
    waiting: 'Wir haben im Haus nachgefragt.',
    waitingDetail: 'Bitte bleiben Sie an der Tür. Bei einem Ja steht hier Ihr Code.',
    allowed: 'Sie dürfen hereinkommen.',
    allowedDetail: 'Ihr Code erscheint hier gleich.',
    code: 'Ihr Code',
    codeDetail: 'Tippen Sie ihn innerhalb von {minutes} Minuten an der Tür ein. Er gilt einmal.',
    codeDetailNow: 'Tippen Sie ihn jetzt an der Tür ein. Er gilt einmal.',
    used: 'Willkommen!',
    usedDetail: 'Sie können diese Seite schließen.',
    opened: 'Bitte drücken Sie die Tür auf.',
    openedDetail: 'Sie ist für einige Sekunden offen.',
    denied: 'Leider können Sie diesmal nicht herein.',
    deniedDetail: 'Falls das ein Irrtum ist, rufen Sie bitte im Haus an.',
    noAnswer: 'Leider hat niemand geantwortet.',
    noAnswerDetail: 'Bitte klingeln Sie, oder scannen Sie den Code an der Tür noch einmal.',
    expired: 'Ihr Code gilt nicht mehr.',
    expiredDetail: 'Um noch einmal zu klingeln, scannen Sie bitte den Code an der Tür.',
    failed: 'Leider kam kein Code zustande.',
    failedDetail: 'Bitte klingeln Sie an der Tür.',
    notScanned: 'Bitte scannen Sie den Code an der Tür.',
    notScannedDetail: 'Er wechselt alle 30 Sekunden und gilt nur für alle, die dort stehen.',
    taken: 'Mit diesem Code hat schon ein anderes Handy geklingelt.',
    takenDetail: 'Bitte scannen Sie den, den die Tür jetzt zeigt.',
    limited: 'Das hat leider nicht geklingelt.',
    limitedDetail: 'Bitte klingeln Sie an der Tür.',
    checkAgain: 'Noch einmal nachsehen',
    about: 'Was wird über mich gespeichert?',
  },

  aboutVisit: {
    title: 'Zu Ihrem Besuch',
    intro: 'Sie waren an einer Tür mit Kamera. Das speichert sie über Sie.',
    stored: {
      pictures:
        'Solange Sie an der Tür stehen, macht sie Bilder und ein Video. Bilder werden nach {snapshots} Tagen gelöscht, das Video nach {recordings} Tagen.',
      visit:
        'Dass Sie da waren, wann, und ob sich die Tür öffnete, wird {visits} Tage lang gespeichert.',
      contact:
        'Wenn Sie mit einem Code hereinkamen, hat der Besitzer Ihren Namen gespeichert, und die Nummer oder Adresse, an die der Code ging. Sie bleiben, bis der Besitzer sie löscht. Ein Name, den Sie zum Klingeln mit dem Handy eingegeben haben, wird nach {requests} Tagen gelöscht.',
      face: 'Ihr Gesicht erkennt die Tür später nur, wenn Sie dem zugestimmt haben.',
    },
    rightsTitle: 'Ihre Daten sehen oder löschen',
    rights:
      'Fragen Sie die Person, die Sie besucht haben. Sie kann Ihnen alles zeigen, was über Sie gespeichert ist, und es sofort löschen: Name, Adresse, Foto, Gesicht und Codes. Kopien zur Wiederherstellung verschwinden nach weiteren {backup} Tagen.',
    note: 'Nur diese Person sieht Ihre Daten. Diese Seite weiß nicht, wer Sie sind.',
  },
}
