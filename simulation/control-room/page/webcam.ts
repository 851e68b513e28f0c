/**
 * One picture from this computer's camera, for people who want to stand at the door themselves. The
 * stand-in for recognition knows drawn faces only, so a drawn mask is put on the picture.
 */
const size = { width: 640, height: 480 }
const quality = 0.9
/** Where the drawn face is in its portrait, with a little around it. */
const mask = { left: 25, top: 10, width: 190, height: 180 }

/** As base64. Rejects if there is no camera or its use is denied. */
export async function takePicture(): Promise<string> {
  const stream = await navigator.mediaDevices.getUserMedia({ video: size })
  try {
    const video = document.createElement('video')
    video.srcObject = stream
    video.muted = true
    await video.play()
    return await masked(video)
  } finally {
    for (const track of stream.getTracks()) track.stop()
  }
}

async function masked(video: HTMLVideoElement): Promise<string> {
  const canvas = Object.assign(document.createElement('canvas'), size)
  const context = canvas.getContext('2d')
  if (!context) throw new Error('This browser cannot draw.')
  const portrait = new Image()
  portrait.src = '/people/you.jpg'
  await portrait.decode()
  context.drawImage(video, 0, 0, size.width, size.height)
  const { left, top, width, height } = mask
  const at = [(size.width - width) / 2, (size.height - height) / 3] as const
  context.drawImage(portrait, left, top, width, height, ...at, width, height)
  return canvas.toDataURL('image/jpeg', quality).replace(/^data:image\/jpeg;base64,/, '')
}
