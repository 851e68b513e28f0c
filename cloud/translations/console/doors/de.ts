import type { doorsEn } from './en.ts'

export const doorsDe: typeof doorsEn = {
  door: {
    settings: 'Einstellungen',
    saved: 'Die Tür verwendet diese Einstellungen.',
    pending:
      'Gespeichert. Die Tür hat diese Einstellungen noch nicht bestätigt: Sie übernimmt sie, sobald sie online ist.',
    changed:
      'Jemand anderes hat diese Einstellungen inzwischen geändert. Speichern Sie noch einmal, um sie zu ersetzen.',
    checkFields: 'Bitte prüfen Sie die markierten Felder. Es wurde nichts geändert.',
    name: 'Name der Tür',
    nameHint: 'Besucher lesen ihn in der SMS mit ihrem Code.',
    unlockSeconds: 'Bleibt entriegelt (Sekunden)',
    unlockSecondsHint: 'Nach einem richtigen Code oder „Jetzt öffnen“. Von {least} bis {most}.',
    heldOpenSeconds: 'Alarm, wenn sie offen bleibt (Sekunden)',
    heldOpenSecondsHint:
      'Sie bekommen eine Mail, wenn die Tür länger offen bleibt. Von {least} bis {most}.',
    language: 'Sprache der Tastatur',
    languageHint: 'Für Besucher, deren Sprache nicht bekannt ist.',
    timeZone: 'Zeitzone',
    timeZoneHint:
      'Zeiten von Gästelisten und Codes richten sich danach. Zum Beispiel Europe/Berlin.',
    problems: {
      name: 'Bitte geben Sie einen Namen mit 1 bis 60 Zeichen ein.',
      unlockSeconds: 'Bitte geben Sie eine Zahl von {least} bis {most} ein.',
      heldOpenSeconds: 'Bitte geben Sie eine Zahl von {least} bis {most} ein.',
      timeZone: 'Diese Zeitzone ist nicht bekannt. Bitte wählen Sie eine aus der Liste.',
    },
    save: 'Speichern',
    waitTitle: 'Die Tastatur lässt warten',
    waitDetail:
      'Es wurden zu viele falsche Codes eingegeben. Ein richtiger Code öffnet, aber nach jedem falschen muss man warten.',
    lift: 'Wartezeit beenden',
    health: 'Zustand',
    heard: 'Letzte Meldung',
    connected: 'Verbunden seit',
    software: 'Software',
    clock: 'Uhr',
    clocks: { known: 'richtig', unknown: 'nicht gestellt: solange nimmt die Tür keine Codes an' },
    log: 'Protokoll',
    logFine: 'Vollständig, soweit Meldungen angekommen sind',
    logBroken: 'Wurde geändert oder hat eine Lücke; siehe unten',
    can: 'Geht von hier aus',
    abilities: {
      unlock: 'öffnen',
      'lift-pause': 'Wartezeit nach falschen Codes beenden',
      'watch-live': 'Livebild',
      'set-mode': 'Modus setzen',
      'new-sheet': 'Notfallcodes drucken',
      settings: 'Einstellungen ändern',
    },
    sheet: 'Übrige Notfallcodes',
    notReported: 'nicht gemeldet',
    troubles: 'Was zuletzt nicht in Ordnung war',
    noTroubles: 'Nichts in den letzten {days} Tagen.',
    add: 'Tür hinzufügen',
  },

  mode: {
    title: 'Modus',
    now: 'Jetzt:',
    until: 'bis',
    change: 'Modus ändern',
    names: {
      normal: 'Normal',
      holiday: 'Urlaub',
      privacy: 'Nicht stören',
      passage: 'Offen gehalten',
      locked: 'Durch die Konfiguration gesperrt',
    },
    meaning: {
      normal: 'Codes gelten wie eingestellt.',
      holiday:
        'nur Codes, die Sie einem Besuch erlauben, und Notfallcodes. PINs und Gästecodes gelten nicht, und Sie werden bei allen gefragt. Das Tastenfeld zeigt es nicht.',
      privacy:
        'kein Code öffnet, außer Notfallcodes. Das Tastenfeld bittet, später wiederzukommen, und niemand wird benachrichtigt.',
      passage: 'das Schloss bleibt für alle offen. Nur mit einem Schloss, das lange an sein darf.',
    },
    forHours: 'Wie lange',
    hours: '{hours} Std.',
    days: '{days} Tage',
    open: 'bis er geändert wird',
    week: 'Diese Tür hat Wochenzeiten. „Normal“ ohne Ende lässt sie gelten.',
    set: 'Modus setzen',
    accepted: '{door} hat den Modus übernommen',
    acceptedDetail: 'Wer drinnen ist, kann immer hinaus. Im Protokoll steht, dass Sie es waren.',
    noAnswerDetail: 'Der Modus ist wie vorher. Bitte prüfen Sie das Internet an der Tür.',
  },

  sheet: {
    title: 'Notfallcodes drucken',
    intro:
      'Zehn Codes auf Papier, die {door} je einmal öffnen: auch ohne Internet, wenn die Tür die Zeit nicht kennt und wenn Telefone verloren sind. Jeder Gebrauch löst einen Alarm aus.',
    endsOther:
      'Das Blatt, das Sie haben, hat noch {left} unbenutzte Codes. Sie gelten dann nicht mehr.',
    make: 'Neues Blatt erstellen',
    heading: 'Notfallcodes für {door}',
    made: 'Erstellt',
    use: 'Tippen Sie alle zwölf Ziffern am Tastenfeld ein. Jeder Code öffnet die Tür einmal. Haken Sie benutzte ab.',
    keep: 'Bewahren Sie dieses Blatt nicht an der Tür auf: Wer es hat, kann hinein. Frühere Blätter gelten nicht mehr.',
    print: 'Drucken',
    once: 'Die Codes werden zehn Minuten lang gezeigt und nirgends gespeichert. Geht das Blatt verloren, erstellen Sie ein neues.',
    over: 'Diese Codes werden nicht mehr gezeigt',
    overDetail: 'Das Blatt gilt weiter. Wenn Sie es nicht gedruckt haben, erstellen Sie ein neues.',
    noAnswerDetail:
      'Das bisherige Blatt gilt weiter. Bitte prüfen Sie das Internet an der Tür, oder führen Sie an der Tür aus: sudo smart-door break-glass',
  },

  addDoor: {
    title: 'Tür hinzufügen',
    intro:
      'Dafür brauchen Sie ein Terminal: einmal an dem Rechner, von dem aus Ihre Cloud eingerichtet wurde, einmal an der Tür.',
    cloudTitle: '1. Wo Ihre Cloud eingerichtet wurde',
    cloudHint: 'Ersetzen Sie „{example}“ durch einen kurzen Namen in Kleinbuchstaben.',
    doorTitle: '2. Am Rechner der Tür',
    doorHint:
      'Setzen Sie zuerst „doorId“ in /etc/smart-door/config.json auf diesen Namen. Der Befehl braucht Ihre AWS-Schlüssel in der Umgebung, nur dieses eine Mal. Er erzeugt den Schlüssel der Tür und schreibt ihre Konfiguration.',
    checkTitle: '3. Prüfen, ob alles in Ordnung ist',
    checkHint: 'Danach erscheint die Tür von selbst auf der Startseite.',
  },

  lift: {
    accepted: 'Die Wartezeit an {door} ist beendet',
    acceptedDetail: 'Der nächste Code wird sofort angenommen.',
    noAnswerDetail: 'Die Wartezeit läuft weiter. Bitte prüfen Sie das Internet an der Tür.',
  },

  live: {
    title: 'Livebild von {door}',
    open: 'Livebild',
    start: 'Livebild starten',
    startHint:
      'Die Kamera wird für {minutes} Minuten eingeschaltet, und im Protokoll steht, dass Sie es waren.',
    asking: 'Die Kamera startet …',
    askingDetail: 'Das Bild kommt in wenigen Sekunden.',
    behind: 'Einige Sekunden verzögert. Endet von selbst nach {minutes} Minuten.',
    ended: 'Das Livebild ist beendet',
    cannot:
      'Dieser Browser kann kein Livebild zeigen. Bitte versuchen Sie Safari, Chrome oder Firefox.',
    noPicture: 'Es gibt kein Bild',
    noPictureDetail:
      'Die Tür oder ihre Kamera hat nicht geantwortet. Bitte prüfen Sie das Internet an der Tür und versuchen Sie es erneut.',
    again: 'Weitere {minutes} Minuten ansehen',
  },
}
