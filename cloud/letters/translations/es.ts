import type { Words } from './translations.ts'

export const es: Words = {
  approval: {
    subject: 'Hay alguien en {door}',
    subjectWithNumber: 'Hay alguien en {door}: visita {number}',
    somebody: 'Hay alguien en {door}. ¿Quiere dejar que entre?',
    visitNumber: 'Número de visita',
    noNumber: 'Esta visita no tiene número. Inicie sesión para decidir.',
    when: 'Cuándo',
    whyWeAsk: 'Por qué preguntamos',
    why: {
      'nobody-on-file': 'Es una cara que usted no ha dejado entrar antes.',
      'weak-match': 'No se ha podido reconocer la cara con seguridad.',
      'seen-once': 'Solo se ha visto la cara una vez, y eso no basta para estar seguros.',
    },
    looksLike: 'Se parece a {name}, pero no lo suficiente.',
    decide: 'Ver y decidir',
    until: 'El enlace sirve hasta las {time}. Le pedirá el número de visita.',
    pictureOf: 'La cara que se ha visto en {door}',
    keepIt: 'Quien tenga este correo puede decidir. Por favor, no lo reenvíe.',
  },
  code: {
    subject: 'Su clave para {door}',
    hello: 'Hola, {name}:',
    yours: 'esta es su clave para {door}',
    validity: 'Tecléela en la puerta antes de {minutes} minutos. Sirve una vez.',
    notYou: '¿No quería entrar? Entonces no tiene que hacer nada.',
    text: '{code} es su clave para {door}. Vale {minutes} min, una vez.',
  },
  alarm: {
    subject: '{what}: {door}',
    when: 'Cuándo',
    door: 'Puerta',
    kinds: {
      'keypad-paused': {
        title: 'El teclado está en pausa',
        what: 'Se han tecleado demasiadas claves incorrectas y el teclado hace una pausa.',
        advice: 'La pausa termina sola. Si era una visita suya, pídale que lea otra vez su clave.',
      },
      'door-forced': {
        title: 'Han forzado la puerta',
        what: 'La puerta se ha abierto sin que nadie la desbloqueara.',
        advice: 'Vaya a verla, o pídaselo a alguien que esté cerca.',
      },
      'door-held-open': {
        title: 'La puerta sigue abierta',
        what: 'La puerta lleva abierta más tiempo del que usted permite.',
        advice: 'Asegúrese de que se cierre.',
      },
      'lock-failed': {
        title: 'La cerradura no obedece',
        what: 'La cerradura tenía que abrirse o cerrarse y no lo ha hecho.',
        advice:
          'Puede que la puerta no esté cerrada con llave, o que alguien espere fuera. Vaya a verla.',
      },
      'door-offline': {
        title: 'No se ha podido llegar a la puerta',
        what: 'La clave de una visita no ha llegado a la puerta, así que no se ha enviado.',
        advice: 'Las claves enviadas antes siguen sirviendo. Revise la conexión de la puerta.',
      },
      'limit-hit': {
        title: 'Por ahora no hay más claves',
        what: 'Alguien en esta puerta debía recibir una clave, pero ya se han enviado todas las permitidas por ahora.',
        advice:
          'Las claves enviadas antes siguen sirviendo. Usted mismo puede abrirle a la visita.',
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
      'log-broken': {
        title: 'Falta algo en el registro de la puerta',
        what: 'Lo que dice la puerta no sigue a lo que dijo antes.',
        advice: 'Si nadie ha trabajado en la puerta, haga que la revisen.',
      },
      'too-much': {
        title: 'Ocurre más de lo que le escribimos',
        what: 'En esta puerta ocurrió más de lo que se le envía por correo en una hora.',
        advice: 'Durante esta hora, mire usted mismo la puerta: puede que alguien espere.',
      },
    },
  },
}
