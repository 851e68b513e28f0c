import type { Texts } from '../texts.ts'

export const es: Texts = {
  languageName: 'Español',

  door: 'Puerta',
  oneMoment: 'Un momento, por favor.',
  startingAgain: 'Un momento, la puerta se está reiniciando.',
  stillStarting: 'Está tardando más de lo normal. Llame a la puerta, por favor.',

  idle: 'Escriba su código o toque el timbre.',
  here: '¡Hola! Un momento, por favor.',
  hereDetail: 'Si ya tiene un código, escríbalo.',
  waiting: 'Hemos avisado en la casa. Espere aquí, por favor.',
  waitingDetail: 'Si dicen que sí, recibirá un código en un mensaje.',
  sent: 'Su código va de camino a su teléfono.',
  sentDetail: 'Escríbalo en los próximos cinco minutos.',
  noAnswer: 'Lo sentimos, nadie ha respondido.',
  noAnswerDetail: 'Toque el timbre o vuelva más tarde.',
  refused: 'Lo sentimos, esta vez no puede entrar.',
  refusedDetail: 'Si es un error, llame por teléfono a la casa.',
  offline: 'La puerta no tiene internet en este momento.',
  offlineDetail: 'Si ya tiene un código, sigue siendo válido.',

  typing: 'Escriba las {digits}\u00a0cifras de su código.',
  typedCount: 'Cifras escritas: {count} de {digits}',
  complete: 'Ahora pulse «{confirm}».',

  welcome: '¡Hola, {name}!',
  welcomeDetail: 'La puerta está abierta. Pase, por favor.',
  open: 'La puerta está abierta.',
  denied: 'Lo sentimos, acceso denegado.',
  fault: 'Lo sentimos, la puerta no ha podido comprobar su código.',
  tryAgain: 'Inténtelo de nuevo o toque el timbre.',
  paused: 'El teclado está en pausa.',
  pausedDetail: 'Espere un poco o toque el timbre.',
  worksAgainIn: 'Volverá a funcionar en',
  clockUnknown: 'El teclado no funciona en este momento.',
  clockUnknownDetail: 'La puerta aún no sabe qué hora es. Toque el timbre o llame a la puerta.',

  keypad: 'Teclado',
  confirm: 'Abrir',
  erase: 'Borrar',
  yourNumber: 'Su número',
  bell: 'Tocar el timbre',
  bellRung: 'El timbre ha sonado',
  bellFailed: 'El timbre no suena. Llame a la puerta, por favor.',
  language: 'Idioma',
}
