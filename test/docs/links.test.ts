/** The documents point only at files that exist, and name only commands that package.json has. */
import { existsSync, readFileSync } from 'node:fs'
import { dirname, join } from 'node:path'
import { expect, test } from 'vitest'
import { projectFiles, root } from '../support/project-files.ts'

const pages = projectFiles().filter((path) => path.endsWith('.md') && !path.startsWith('test/'))
const read = (path: string): string => readFileSync(join(root, path), 'utf8')
const scripts: Record<string, string> = JSON.parse(read('package.json')).scripts

const folders = 'protocol|device|cloud|keypad-ui|simulation|systemd|scripts|test|docs'
const withoutCode = (text: string): string => text.replace(/```[\s\S]*?```/g, '')

test.each(pages)('%s links to files that exist', (page) => {
  const links = [...withoutCode(read(page)).matchAll(/\]\((?!https?:|#)([^)#\s]+)/g)]
  const missing = links.filter(([, link = '']) => !existsSync(join(root, dirname(page), link)))
  expect(missing.map(([, link]) => link)).toEqual([])
})

test.each(pages)('%s names paths that exist', (page) => {
  const paths = [...read(page).matchAll(new RegExp(`\`((?:${folders})/[\\w./-]+)`, 'g'))]
  const missing = paths.filter(([, path = '']) => !existsSync(join(root, path)))
  expect(missing.map(([, path]) => path)).toEqual([])
})

test.each(pages)('%s names commands that exist', (page) => {
  const commands = [...read(page).matchAll(/npm run ([\w-]+)/g)].map(([, name = '']) => name)
  expect(commands.filter((name) => !(name in scripts) && !(`post${name}` in scripts))).toEqual([])
})
