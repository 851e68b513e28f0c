/**
 * A photo before it is uploaded: PNG and WebP become JPEG here, because the cloud decodes only JPEG.
 * Without this script the form uploads JPEG files.
 */
const mostBytes = 5_000_000
const quality = 0.9
const longestPx = 2_400

export async function prepare(form: HTMLFormElement): Promise<void> {
  const input = form.querySelector<HTMLInputElement>('input[type="file"]')
  const file = input?.files?.[0]
  if (!input || !file) return
  const problem = problemWith(form, file)
  if (problem) return say(form, problem)
  if (file.type === 'image/jpeg') return form.submit()
  const jpeg = await toJpeg(file).catch(() => null)
  if (!jpeg) return say(form, form.dataset['unreadable'] ?? '')
  const files = new DataTransfer()
  files.items.add(new File([jpeg], 'photo.jpg', { type: 'image/jpeg' }))
  input.files = files.files
  form.submit()
}

function problemWith({ dataset }: HTMLFormElement, { name, type, size }: File): string | null {
  if (/hei[cf]/i.test(type) || /\.hei[cf]$/i.test(name)) return dataset['heic'] ?? ''
  if (size > mostBytes) return dataset['tooLarge'] ?? ''
  return ['image/jpeg', 'image/png', 'image/webp'].includes(type)
    ? null
    : (dataset['unreadable'] ?? '')
}

function say(form: HTMLFormElement, problem: string): void {
  const place = form.querySelector('[role="alert"]')
  if (place) place.textContent = problem
}

async function toJpeg(file: File): Promise<Blob | null> {
  const picture = await createImageBitmap(file)
  const ratio = Math.min(1, longestPx / Math.max(picture.width, picture.height))
  const canvas = document.createElement('canvas')
  canvas.width = Math.max(1, Math.round(picture.width * ratio))
  canvas.height = Math.max(1, Math.round(picture.height * ratio))
  const context = canvas.getContext('2d')
  if (!context) return null
  // What is transparent would be black in a JPEG.
  context.fillStyle = 'white'
  context.fillRect(0, 0, canvas.width, canvas.height)
  context.drawImage(picture, 0, 0, canvas.width, canvas.height)
  return new Promise((resolve) => {
    canvas.toBlob(resolve, 'image/jpeg', quality)
  })
}
