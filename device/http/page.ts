/**
 * The keypad page, read once and served from memory. Each file found at the start is a route, so no
 * address can lead to another file.
 */
import { createHash } from 'node:crypto'
import { readdir, readFile } from 'node:fs/promises'
import { extname, join, relative, sep } from 'node:path'
import type { FastifyInstance } from 'fastify'
import { stripTypes } from './strip-types.ts'

/** Files of other types, such as compiler settings, are not served. */
const contentTypes = new Map([
  ['.html', 'text/html; charset=utf-8'],
  ['.css', 'text/css; charset=utf-8'],
  ['.ts', 'text/javascript; charset=utf-8'],
  ['.svg', 'image/svg+xml'],
  ['.png', 'image/png'],
])
const onlyForDevelopers = /\.(?:test|d)\.ts$/

export async function addPage(app: FastifyInstance, folder: string): Promise<void> {
  const paths = await pathsOfPage(folder)
  const bodies = new Map<string, Buffer>()
  for (const path of paths) bodies.set(path, await readFile(join(folder, path)))

  const sources = [...bodies].filter(([path]) => extname(path) === '.ts')
  const scripts = await stripTypes(sources.map(([, body]) => body.toString()))
  sources.forEach(([path], at) => {
    bodies.set(path, Buffer.from(scripts[at] ?? ''))
  })

  for (const [path, body] of bodies) addFile(app, path, body)
}

async function pathsOfPage(folder: string): Promise<readonly string[]> {
  const entries = await readdir(folder, { recursive: true, withFileTypes: true })
  return entries
    .filter((entry) => entry.isFile() && contentTypes.has(extname(entry.name)))
    .map((entry) => relative(folder, join(entry.parentPath, entry.name)))
    .filter((path) => !onlyForDevelopers.test(path))
}

function addFile(app: FastifyInstance, path: string, body: Buffer): void {
  const etag = `"${createHash('sha256').update(body).digest('base64url').slice(0, 22)}"`
  const headers = {
    'content-type': contentTypes.get(extname(path)),
    // The browser revalidates its copy each time, so an update is seen at once.
    'cache-control': 'no-cache',
    etag,
  }
  const url = `/${path.split(sep).join('/')}`
  const ofFolder = url.endsWith('/index.html') ? [url.slice(0, -'index.html'.length)] : []
  for (const address of [...ofFolder, url]) {
    app.get(address, async (request, reply) => {
      reply.headers(headers)
      const isCurrent = request.headers['if-none-match']?.includes(etag)
      return isCurrent ? reply.code(304).send() : reply.send(body)
    })
  }
}
