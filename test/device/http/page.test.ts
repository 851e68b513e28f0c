import { spawnSync } from 'node:child_process'
import { createHash } from 'node:crypto'
import {
  globSync,
  mkdirSync,
  mkdtempSync,
  rmSync,
  symlinkSync,
  truncateSync,
  writeFileSync,
} from 'node:fs'
import { tmpdir } from 'node:os'
import { dirname, join } from 'node:path'
import type { FastifyInstance } from 'fastify'
import { afterAll, afterEach, describe, expect, onTestFinished, test } from 'vitest'
import { builtApp } from '../../support/network/listening-app.ts'

const opened: FastifyInstance[] = []
afterEach(() => Promise.all(opened.splice(0).map((app) => app.close())))

const folders: string[] = []
afterAll(() => {
  for (const folder of folders) rmSync(folder, { recursive: true })
})

function folderWith(files: Readonly<Record<string, string>>): string {
  const folder = mkdtempSync(join(tmpdir(), 'keypad-page-'))
  folders.push(folder)
  for (const [path, text] of Object.entries(files)) {
    mkdirSync(dirname(join(folder, path)), { recursive: true })
    writeFileSync(join(folder, path), text)
  }
  return folder
}

const page = {
  'index.html': '<!doctype html><title>Tür</title>',
  'keypad.css': 'body { margin: 0 }',
  'keypad.ts':
    "import { words } from './texts/en.ts'\nexport const first: string | undefined = words[0]\n",
  'texts/en.ts':
    "import type { Words } from '../words.ts'\nexport const words: readonly string[] = ['hello']\n",
  'tsconfig.json': '{}',
  'keypad.test.ts': 'throw new Error()',
  'globals.d.ts': 'declare const x: number',
  'notes.md': 'a note',
  '.hidden': 'secret',
}

const shared = builtApp({ pageFolder: folderWith(page) }).app
afterAll(() => shared.close())

function appWith(pageFolder: string): FastifyInstance {
  const { app } = builtApp({ pageFolder })
  opened.push(app)
  return app
}

describe('the page', () => {
  test.each([
    ['/', 'text/html; charset=utf-8', page['index.html']],
    ['/index.html', 'text/html; charset=utf-8', page['index.html']],
    ['/keypad.css', 'text/css; charset=utf-8', page['keypad.css']],
    ['/keypad.css?fresh', 'text/css; charset=utf-8', page['keypad.css']],
  ])('serves %s as %s', async (url, type, body) => {
    const answer = await shared.inject(url)
    expect(answer.statusCode).toBe(200)
    expect(answer.headers['content-type']).toBe(type)
    expect(answer.headers['cache-control']).toBe('no-cache')
    expect(answer.headers['content-security-policy']).toContain("default-src 'none'")
    expect(answer.body).toBe(body)
  })

  test('serves TypeScript as the JavaScript that it is, every line in its place', async () => {
    const answer = await shared.inject('/keypad.ts')
    expect(answer.headers['content-type']).toBe('text/javascript; charset=utf-8')
    expect(answer.body.replace(/ {2,}/g, ' ')).toBe(
      "import { words } from './texts/en.ts'\nexport const first = words[0]\n",
    )
    const texts = (await shared.inject('/texts/en.ts')).body
    expect(texts).not.toContain('Words')
    expect(texts.split('\n')).toHaveLength(3)
  })

  test.each([
    '/tsconfig.json',
    '/keypad.test.ts',
    '/globals.d.ts',
    '/notes.md',
    '/.hidden',
    '/texts',
    '/texts/',
    '/texts/../keypad.test.ts',
    '/constructor',
  ])('does not serve %s', async (url) => {
    expect((await shared.inject(url)).statusCode).toBe(404)
  })

  test('follows no link out of its folder', async () => {
    const folder = folderWith(page)
    symlinkSync('/etc/hostname', join(folder, 'host.html'))
    expect((await appWith(folder).inject('/host.html')).statusCode).toBe(404)
  })

  test('is read once: what changes on the disk later is not served', async () => {
    const folder = folderWith(page)
    const app = appWith(folder)
    await app.ready()
    writeFileSync(join(folder, 'index.html'), 'changed')
    expect((await app.inject('/')).body).toBe(page['index.html'])
  })

  test('is not sent again to who has it', async () => {
    const app = shared
    const { etag } = (await app.inject('/')).headers
    expect(etag).toMatch(/^"[\w-]{22}"$/)
    for (const known of [etag, `W/${etag}`, `"other", ${etag}`]) {
      const answer = await app.inject({ url: '/', headers: { 'if-none-match': String(known) } })
      expect([answer.statusCode, answer.body, answer.headers['etag']]).toEqual([304, '', etag])
    }
    const stale = await app.inject({ url: '/', headers: { 'if-none-match': '"other"' } })
    expect(stale.statusCode).toBe(200)
    expect((await app.inject({ method: 'HEAD', url: '/' })).headers['etag']).toBe(etag)
  })

  test('with a mistake in it stops the start', async () => {
    const app = appWith(folderWith({ 'keypad.ts': 'const = 1' }))
    await expect(app.ready()).rejects.toMatchObject({
      name: 'PageFault',
      code: 'PAGE_NOT_BUILT',
      cause: expect.stringContaining('const = 1'),
    })
  })

  test('that is not there stops the start', async () => {
    await expect(appWith('/nowhere/at/all').ready()).rejects.toMatchObject({ code: 'ENOENT' })
  })
})

describe('taking types out', () => {
  const program = new URL('../../../device/http/strip-types.ts', import.meta.url)
  const script = `
    import { stripTypes } from ${JSON.stringify(program.href)}
    process.emitWarning('still heard', 'ExperimentalWarning')
    process.stdout.write((await stripTypes(['let a: 1', 'let b'])).join())`
  const strip = (cache: string) =>
    spawnSync(process.execPath, ['--input-type=module', '--eval', script], {
      encoding: 'utf8',
      env: { NODE_COMPILE_CACHE: cache },
    })
  const cacheFolder = () => {
    const folder = mkdtempSync(join(tmpdir(), 'page-cache-'))
    onTestFinished(() => rmSync(folder, { recursive: true }))
    return folder
  }

  test('leaves nothing on the standard error of the one who asks', () => {
    const { stdout, stderr } = strip(cacheFolder())
    expect(stdout).toBe('let a   ,let b')
    expect(stderr).toContain('still heard')
    expect(stderr).not.toContain('stripTypeScriptTypes')
  })

  test('uses what an earlier start has stored, unless a power cut has damaged it', () => {
    const folder = cacheFolder()
    const files = () => globSync(`${folder}/*/keypad-page-*`)
    const hash = (text: string) => createHash('sha256').update(text).digest('base64url')
    strip(folder)
    const [path = ''] = files()
    expect(files()).toEqual([path])
    writeFileSync(path, [hash('stored\0before'), 'stored', 'before'].join('\0'))
    expect(strip(folder).stdout).toBe('stored,before')
    truncateSync(path)
    expect(strip(folder).stdout).toBe('let a   ,let b')
    expect(files()).toEqual([path])
  })
})
