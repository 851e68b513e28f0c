/**
 * Before the tests: installs what they need from Debian, if it is missing. With everything there
 * it only looks along the PATH, which takes no time worth mentioning.
 */
import { spawnSync } from 'node:child_process'
import { accessSync, constants, existsSync } from 'node:fs'
import { delimiter, join } from 'node:path'
import {
  attemptsFor,
  type Command,
  type Machine,
  missingOn,
  neededByProof,
  neededByTests,
  sentencesAbout,
} from './debian-programs.ts'

const machine: Machine = { has: isOnPath, isRoot: process.getuid?.() === 0 }

const isForProof = process.argv.includes('--proof')
const needed = isForProof ? [...neededByTests, ...neededByProof] : neededByTests
const missing = missingOn(machine, needed)
if (missing.length > 0) {
  const names = missing.map(({ program }) => program).join(', ')
  console.log(`Installing what the tests need and this machine lacks: ${names}`)
  install()
}

function install(): void {
  const attempts = attemptsFor(missing, machine)
  attempts.some((commands) => commands.every(succeeds))
  // What counts is that the programs are there now, not what an installer said about it.
  const stillMissing = missingOn(machine, missing)
  if (stillMissing.length === 0) return
  console.error(`\n${sentencesAbout(stillMissing, machine)}`)
  process.exitCode = 1
}

/** The installer's progress is nobody's concern; what it complains about may be. */
function succeeds({ program, args }: Command): boolean {
  return spawnSync(program, args, { stdio: ['ignore', 'ignore', 'inherit'] }).status === 0
}

function isOnPath(program: string): boolean {
  return (process.env['PATH'] ?? '').split(delimiter).some((folder) => {
    if (isLibraryBeside(folder, program)) return true
    try {
      accessSync(join(folder, program), constants.X_OK)
      return true
    } catch {
      return false
    }
  })
}

/** A library for Python has no program: it lies beside the folder that Python itself is in. */
function isLibraryBeside(folder: string, name: string): boolean {
  const [, library] = /^python3-(.+)$/.exec(name) ?? []
  return library !== undefined && existsSync(join(folder, '../lib/python3/dist-packages', library))
}
