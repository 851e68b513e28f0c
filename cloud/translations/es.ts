import type { Translation } from './translations.ts'

export const es: Translation = {
  languageName: 'Español',

  request: {
    question: 'Hay alguien en {door}. ¿Quiere dejar que entre?',
    visitNumber: 'Número de visita',
    when: 'Cuándo',
    why: 'Por qué preguntamos',
    reasons: {
      'not-on-file': 'Es una cara que usted no ha dejado entrar antes.',
      'weak-match': 'No se ha podido reconocer la cara con seguridad.',
      'seen-once': 'Solo se ha visto la cara una vez, y eso no basta para estar seguros.',
      scanned: 'Ha llamado con su móvil, delante de la puerta.',
      'welcome-over': 'El tiempo durante el que usted le dejaba entrar ha terminado.',
      'outside-hours': 'Ha venido fuera del horario de su lista de invitados.',
      holiday: 'La puerta está en modo vacaciones, así que pregunta por todos.',
    },
    givenName: 'Nombre que ha dado',
    noNumber: 'Sin número de teléfono: si le deja entrar, su móvil muestra el código.',
    looksLike: 'Se parece a {name}, pero no lo suficiente.',
    recognised: 'Se ha reconocido a {name}. {reason}',
  },

  requestMail: {
    subject: 'Hay alguien en {door}',
    subjectWithNumber: 'Hay alguien en {door}: visita {number}',
    noNumber: 'Esta visita no tiene número. Inicie sesión para decidir.',
    decide: 'Ver y decidir',
    until: 'El enlace sirve hasta las {time}. Le pedirá el número de visita.',
    pictureOf: 'La cara que se ha visto en {door}',
    confidential: 'Quien tenga este correo puede decidir. Por favor, no lo reenvíe.',
  },

  codeMail: {
    subject: 'Su clave para {door}',
    hello: 'Hola, {name}:',
    intro: 'esta es su clave para {door}',
    validity: 'Tecléela en la puerta antes de {minutes} minutos. Sirve una vez.',
    notYou: '¿No quería entrar? Entonces no tiene que hacer nada.',
  },
  codeText: '{code} es su clave para {door}. Vale {minutes} min, una vez.',

  guestCode: {
    text: '{code} es su código para {door}, hasta {until}.',
    textWithoutEnd: '{code} es su código para {door}.',
    typeIt: 'Tecléelo en la puerta.',
    validity: 'Es válido hasta {until}.',
    keep: 'No se lo dé a nadie más.',
  },
  pinLink: {
    text: 'Elija aquí su PIN para la puerta, en el plazo de un día: {link}',
    subject: 'Elija su PIN',
    intro: 'puede elegir un PIN para las puertas de {home}. Con él entra sin mensaje.',
    choose: 'Elegir un PIN',
    once: 'El enlace vale una vez, durante un día. No se lo dé a nadie más.',
  },
  pinPage: {
    title: 'Elija su PIN',
    pin: 'Su PIN',
    repeat: 'El mismo otra vez',
    hint: 'De {least} a 10 cifras difíciles de adivinar. No se guarda: recuérdelo, por favor.',
    save: 'Fijar el PIN',
    done: 'Su PIN está fijado',
    doneDetail: 'Abrirá la puerta en unos instantes. El enlace ya no funciona.',
    gone: 'Este enlace ya no funciona',
    goneDetail: 'Pida uno nuevo.',
    needsScript: 'Esta página necesita JavaScript.',
    linkIncomplete: 'El enlace no está completo. Cópielo entero, por favor.',
    noAnswer: 'No hubo respuesta. Inténtelo de nuevo, por favor.',
    flaws: {
      differs: 'No son iguales.',
      missing: 'Teclee un PIN, por favor.',
      'not-digits': 'Un PIN solo tiene cifras.',
      'too-easy': 'Es el que los extraños prueban primero. Elija otro, por favor.',
      'too-short': 'Un PIN necesita al menos {least} cifras.',
      'too-long': 'Un PIN tiene {most} cifras como máximo.',
      'in-use': 'Este PIN no se puede usar. Elija otro, por favor.',
      'too-many-tries': 'Demasiados intentos. Inténtelo de nuevo en una hora, por favor.',
      full: 'Ahora no se puede fijar ningún PIN. Dígaselo a la persona que le envió el enlace.',
    },
  },

  alarmMail: {
    subject: '{what}: {door}',
    when: 'Cuándo',
    door: 'Puerta',
    kinds: {
      'keypad-paused': {
        title: 'Muchas claves incorrectas en el teclado',
        what: 'Se han tecleado muchas claves incorrectas. El teclado espera ahora hasta 30 segundos después de cada una; una clave correcta sigue abriendo la puerta.',
        advice:
          'Si era una visita suya, pídale que lea otra vez su clave. Si no, mire quién está en la puerta.',
      },
      'door-forced': {
        title: 'Han forzado la puerta',
        what: 'La puerta se ha abierto sin que estuviera desbloqueada.',
        advice: 'Vaya a verla, o pídaselo a alguien que esté cerca.',
      },
      'door-held-open': {
        title: 'La puerta sigue abierta',
        what: 'La puerta lleva abierta más tiempo del que usted permite.',
        advice: 'Asegúrese de que se cierre.',
      },
      'lock-failed': {
        title: 'La cerradura no responde',
        what: 'La cerradura tenía que abrirse o cerrarse y no lo ha hecho.',
        advice:
          'Puede que la puerta no esté cerrada con llave, o que alguien espere fuera. Vaya a verla.',
      },
      'door-offline': {
        title: 'No se ha podido conectar con la puerta',
        what: 'La clave de una visita no ha llegado a la puerta, así que no se ha enviado.',
        advice: 'Las claves enviadas antes siguen sirviendo. Revise la conexión de la puerta.',
      },
      'limit-hit': {
        title: 'Por ahora no hay más claves',
        what: 'Una visita debía recibir una clave, pero por ahora no se pueden enviar más.',
        advice:
          'Las claves enviadas antes siguen sirviendo. Usted mismo puede abrirle a la visita.',
      },
      'door-locked': {
        title: 'La puerta debe permanecer cerrada',
        what: 'Se pidió abrir la puerta y se negó, porque debe permanecer cerrada.',
        advice: 'El modo de la puerta se indica en su propio archivo de configuración.',
      },
      'grant-refused': {
        title: 'La puerta no ha aceptado una clave',
        what: 'La puerta no ha aceptado la clave de una visita, así que no se ha enviado.',
        advice: 'Puede abrirle usted mismo, o la visita puede llamar otra vez para recibir otra.',
      },
      'text-not-sent': {
        title: 'No se ha podido enviar una clave',
        what: 'El mensaje con la clave de una visita no se ha podido enviar.',
        advice: 'Ábrale usted mismo, y la próxima vez revise su teléfono o su correo.',
      },
      duress: {
        title: 'Se tecleó un PIN de coacción',
        what: 'Se tecleó un PIN que significa: me están amenazando. La puerta se abrió como con cualquier otro PIN, y nada en la puerta muestra esta alarma.',
        advice: 'No llame ni vaya a la puerta. Llame a la policía.',
      },
      'break-glass': {
        title: 'Un código de emergencia abrió la puerta',
        what: 'Se usó un código de la hoja impresa. Cada uno vale una vez.',
        advice: 'Si no fue ninguno de ustedes, imprima una hoja nueva: la antigua deja de valer.',
      },
      'calendar-failed': {
        title: 'No se puede leer un calendario',
        what: 'El calendario de reservas no se pudo leer durante un día. Los códigos existentes quedan como están; las reservas nuevas no reciben ninguno.',
        advice: 'Compruebe su dirección en la página de la puerta.',
      },
      'text-unconfirmed': {
        title: 'Puede que un SMS no haya llegado',
        what: 'La clave de una visita se envió por SMS, pero nada confirmó a tiempo que llegara.',
        advice:
          'Si no ha entrado, ábrale usted mismo. Con una dirección de correo habría recibido la clave también por correo.',
      },
      'sensor-unsteady': {
        title: 'Un sensor de la puerta no se estabiliza',
        what: 'Un sensor de la puerta cambia una y otra vez: el contacto, el sensor del cerrojo, el botón de salida o el timbre.',
        advice:
          'Puede estar suelto o mojado, o alguien juega con él. Hasta que se estabilice, la puerta da sus demás alarmas como mucho una vez. Por favor, compruébelo.',
      },
      'log-broken': {
        title: 'El registro de la puerta se ha modificado',
        what: 'Lo que informa la puerta no sigue a lo que informó antes: su registro volvió atrás o se modificó.',
        advice:
          'Ocurre una vez después de restaurar una copia de seguridad en la puerta. Si usted no lo hizo, alguien puede haber modificado el registro: haga que revisen la puerta.',
      },
      'log-gap': {
        title: 'Falta algo en el registro de la puerta',
        what: 'Algunos informes de la puerta no han llegado desde hace horas.',
        advice:
          'Lo que pasó entretanto falta en el historial. Si la puerta e internet funcionan, haga que revisen la puerta.',
      },
      'too-much': {
        title: 'Ocurre más de lo que le escribimos',
        what: 'En esta puerta ocurrió más de lo que enviamos por correo en una hora.',
        advice: 'Durante esta hora, mire usted mismo la puerta: puede que alguien espere.',
      },
    },
  },

  approvalPage: {
    title: 'Hay alguien en su puerta',
    oneMoment: 'Un momento, por favor.',
    needsScript:
      'Esta página necesita JavaScript, porque solo su navegador conoce la parte secreta del enlace. Actívelo o abra el enlace en otro navegador.',
    linkIncomplete:
      'Este enlace no está completo. Ábralo otra vez desde el correo o cópielo entero.',
    noAnswer: 'No se puede conectar con nosotros. ¿Tiene internet?',
    tryAgain: 'Probar otra vez',
    faceAlt: 'La cara en la puerta',
    noPicture: 'La imagen se ha borrado, así que no se puede dejar entrar a nadie con ella.',
    noNumber: 'Esta visita no tiene número y no se puede decidir con este enlace.',

    visitNumberHint: 'Está en el correo y en la pantalla de la puerta.',
    letIn: 'Dejar entrar con una clave',
    name: 'Nombre',
    phone: 'Teléfono',
    phoneHint: 'Con el prefijo del país, como +49 170 1234567',
    phoneOptional: 'Puede quedar vacío: su móvil muestra el código.',
    email: 'Correo electrónico',
    reach: 'Teléfono o correo: basta con uno.',
    prefers: 'Si hay los dos: enviar claves por',
    bySms: 'SMS',
    byEmail: 'correo',
    language: 'Su idioma',
    validity: 'Puede venir durante',
    validities: { day: 'un día', week: 'una semana', month: 'un mes', always: 'siempre' },
    remember: 'Está de acuerdo en que la puerta recuerde su cara',
    rememberHint:
      'Así la puerta reconocerá a esta persona. Si no, la imagen se borra antes de 30 días.',
    more: 'Correo, idioma, recordar a esta persona …',
    allow: 'Dejar entrar',
    openTitle: 'Abrir una vez, ahora',
    openHint: 'Para repartidores: sin teléfono, sin clave y sin guardar a nadie.',
    open: 'Abrir la puerta',
    block: 'Si no entra: no volver a preguntar por esta cara',
    deny: 'No dejar entrar',

    allowed: '{name} puede entrar.',
    codes: {
      'on-its-way': 'Su clave está en camino. Sirve una vez, durante cinco minutos.',
      'has-one': 'Ya tiene una clave.',
      limited:
        'Pero no se ha enviado ninguna clave: hubo demasiadas en poco tiempo. Abra usted la puerta.',
      'unknown-door': 'Pero no se ha enviado ninguna clave: esta puerta ya no está configurada.',
      crowded:
        'Pero no se ha enviado ninguna clave: ahora hay demasiadas en uso. Pruebe dentro de cinco minutos.',
    },
    denied: 'No le ha dejado entrar.',
    deniedDetail: 'La pantalla de la puerta se lo dice con cortesía.',
    opened: 'Se pide a la puerta que se abra una vez, ahora.',
    openedDetail: 'Se cierra sola. Si la visita sigue esperando, mire en la consola.',
    already: {
      allowed: 'Ya lo ha permitido {by}, {time}.',
      denied: 'Ya lo ha rechazado {by}, {time}.',
      opened: 'Ya la abrió una vez {by}, {time}.',
    },
    oneTryLeft: 'Le queda un intento.',
    triesLeft: 'Le quedan {count} intentos.',
    byMail: 'alguien con el correo',
    expired: 'Este enlace ha caducado.',
    expiredDetail: 'Sirve 15 minutos. Si la persona sigue ahí, puede llamar otra vez.',
    refused: {
      unknown: 'Este enlace no funciona. Ábralo desde el correo más reciente.',
      expired: 'Este enlace ya no funciona. Si la persona sigue ahí, puede llamar otra vez.',
      'wrong-token': 'Este enlace no funciona. Ábralo desde el correo más reciente.',
      'wrong-number': 'Ese no es el número de visita. Mírelo en el correo.',
      'other-photo': 'La imagen ha cambiado. Abra el enlace otra vez y mírela.',
      'not-supported': 'Esta puerta no se puede abrir desde aquí.',
    },
    wrongOrigin: 'Esta respuesta no ha venido de nuestra página, así que no se ha aceptado.',
    malformed: 'No hemos podido leer este formulario. Abra otra vez el enlace del correo.',
    checkFields: 'Revise los campos marcados abajo.',
    problems: {
      missing: 'Es obligatorio.',
      'too-long': 'Es demasiado largo.',
      unfit: 'Esto no parece correcto.',
      'no-way': 'Necesitamos un teléfono o un correo para enviar la clave.',
      'not-international': 'Escríbalo con el prefijo del país, como +49 170 1234567.',
      'country-not-allowed': 'Su hogar no envía SMS a este país.',
      'costs-extra': 'Su hogar no envía SMS a números de tarifa especial.',
    },
    numberMissing: 'Escriba el número de visita que está en el correo.',
  },

  signInPage: {
    welcome: 'Bienvenidos a su puerta',
    invitedOnly: 'Inicie sesión con la dirección a la que se envió su invitación.',
    signIn: 'Iniciar sesión',
    failed: 'No ha iniciado sesión',
    failedDetail:
      'El inicio de sesión tardó demasiado o se empezó en otro navegador. Inténtelo de nuevo.',
    noMember: 'Usted no es miembro de ningún hogar',
    noMemberDetail: 'Si debería serlo, pida a un propietario que le invite.',
    signOut: 'Cerrar sesión',
  },

  ringPage: {
    title: 'Llamar a la puerta',
    ready: 'Llamar con el móvil',
    readyDetail:
      'Díganos su nombre y preguntaremos al propietario. No hace falta ningún número de teléfono.',
    name: 'Su nombre',
    ring: 'Llamar',
    waiting: 'Hemos preguntado al propietario.',
    waitingDetail: 'Quédese junto a la puerta. Si dice que sí, aquí verá su código.',
    allowed: 'Puede entrar.',
    allowedDetail: 'Su código aparecerá aquí en un momento.',
    code: 'Su código',
    codeDetail: 'Escríbalo en la puerta antes de {minutes} minutos. Vale una sola vez.',
    codeDetailNow: 'Escríbalo ahora en la puerta. Vale una sola vez.',
    used: '¡Adelante!',
    usedDetail: 'Ya puede cerrar esta página.',
    opened: 'Empuje la puerta, por favor.',
    openedDetail: 'Se ha abierto para usted durante unos segundos.',
    denied: 'Lo sentimos, esta vez no puede entrar.',
    deniedDetail: 'Si es un error, llame al propietario.',
    noAnswer: 'Lo sentimos, nadie ha contestado.',
    noAnswerDetail: 'Toque el timbre o escanee otra vez el código de la puerta.',
    expired: 'Su código ya no vale.',
    expiredDetail: 'Para llamar otra vez, escanee el código de la puerta.',
    failed: 'Lo sentimos, no hay código.',
    failedDetail: 'Toque el timbre de la puerta, por favor.',
    notScanned: 'Escanee el código de la puerta, por favor.',
    notScannedDetail: 'Cambia cada medio minuto y solo vale para quien está allí.',
    taken: 'Otro móvil ya ha llamado con este código.',
    takenDetail: 'Escanee el que muestra ahora la puerta.',
    limited: 'Lo sentimos, la llamada no ha salido.',
    limitedDetail: 'Toque el timbre de la puerta, por favor.',
    checkAgain: 'Mirar otra vez',
    about: '¿Qué se guarda sobre mí?',
  },

  aboutVisit: {
    title: 'Sobre su visita',
    intro: 'Ha estado ante una puerta con cámara. Esto es lo que guarda sobre usted.',
    stored: {
      pictures:
        'Mientras está ante la puerta, toma fotos y un vídeo. Las fotos se borran después de {snapshots} días y el vídeo después de {recordings} días.',
      visit: 'Que usted vino, cuándo y si la puerta se abrió se guarda durante {visits} días.',
      contact:
        'Si entró con un código, el propietario ha guardado su nombre y el número o la dirección a los que se envió. Se conservan hasta que el propietario los borre. El nombre que escribió para llamar con el móvil se borra a los {requests} días.',
      face: 'La puerta solo reconocerá su cara más adelante si usted lo ha aceptado.',
    },
    rightsTitle: 'Ver o borrar sus datos',
    rights:
      'Pregunte a la persona que visitó. Puede mostrarle todo lo que hay guardado sobre usted y borrarlo enseguida: nombre, dirección, foto, cara y códigos. Las copias de seguridad desaparecen después de {backup} días más.',
    note: 'Solo esa persona ve sus datos. Esta página no sabe quién es usted.',
  },
}
