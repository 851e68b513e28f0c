/** Runs before the tests: installs the Debian programs they need, if any is missing. */
import { spawnSync } from 'node:child_process'
import { accessSync, constants, existsSync } from 'node:fs'
import { delimiter, join } from 'node:path'
import {
  attemptsFor,
  type Command,
  explain,
  type Machine,
  missingOn,
  neededByProof,
  neededByTests,
} from './debian-programs.ts'

const machine: Machine = { has: isInstalled, isRoot: process.getuid?.() === 0 }

const isForProof = process.argv.includes('--proof')
const needed = isForProof ? [...neededByTests, ...neededByProof] : neededByTests
const missing = missingOn(machine, needed)
if (missing.length > 0) {
  const names = missing.map(({ name }) => name).join(', ')
  console.log(`Installing what the tests need: ${names}`)
  attemptsFor(missing, machine).some((commands) => commands.every(succeeds))
  // Judged by what is there now, not by the installer's exit code.
  const stillMissing = missingOn(machine, missing)
  if (stillMissing.length > 0) {
    console.error(`\n${explain(stillMissing, machine)}`)
    process.exitCode = 1
  }
}

function succeeds([program, ...args]: Command): boolean {
  return spawnSync(program, args, { stdio: ['ignore', 'ignore', 'inherit'] }).status === 0
}

function isInstalled(name: string): boolean {
  return (process.env['PATH'] ?? '').split(delimiter).some((folder) => {
    if (isPythonLibrary(folder, name)) return true
    try {
      accessSync(join(folder, name), constants.X_OK)
      return true
    } catch {
      return false
    }
  })
}

/** `python3-NAME` is a library: it lies beside the folder of Python itself. */
function isPythonLibrary(folder: string, name: string): boolean {
  const [, library] = /^python3-(.+)$/.exec(name) ?? []
  return library !== undefined && existsSync(join(folder, '../lib/python3/dist-packages', library))
}
