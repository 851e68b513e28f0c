/** The commands of `smart-door`: what each takes, its help, and where it is carried out. */

import { type Io, Misuse } from '../../terminal/command-line.ts'
import {
  type Command,
  flag,
  type Program,
  runProgram,
  standardOptions,
  type Values,
  value,
} from '../../terminal/commands.ts'
import { BackupFault } from '../backup/fault.ts'
import { ConfigError, configExitCode, defaultConfigPath } from '../config/config.ts'
import { StoreFault } from '../daemon/ports.ts'
import { UpdateFault } from '../update/fault.ts'

const options = {
  config: value('FILE', `config file (default: $SMART_DOOR_CONFIG, else ${defaultConfigPath})`),
  'until-stdin-ends': flag('stop when standard input is closed'),
  blink: flag('also switch the relay on three times, for 0.4 s each'),
  yes: flag('do not ask first'),
  json: flag('print the findings as JSON'),
  claim: value('FOLDER', 'use this claim (certificate.pem, private-key.pem), not AWS credentials'),
  template: value('NAME', 'provisioning template of the claim (default: smart-door)'),
  rotate: flag('replace certificate and key although they are good'),
  write: flag('write the config file instead of printing it'),
  settings: value('FILE', 'the rules to try, as JSON'),
  days: value('DAYS', 'how many days back (default: 30)'),
  head: value('SEQ:HASH', 'compare with what an earlier run printed'),
  'passphrase-file': value('FILE', 'read the passphrase from this file instead of asking for it'),
  'allow-downgrade': flag('install it even if it is an earlier version'),
  replace: flag('give up the door that this computer is for the one in the backup'),
  ...standardOptions,
} as const

const pathIn = ({ config }: Values<typeof options>): string =>
  config ?? process.env['SMART_DOOR_CONFIG'] ?? defaultConfigPath

// Each loads only what it needs: the daemon stays small.
const commands: Readonly<Record<string, Command<typeof options>>> = {
  run: {
    summary: 'start the door',
    options: ['until-stdin-ends'],
    async run({ values }) {
      const { runDoor } = await import('../main.ts')
      if (values['until-stdin-ends']) stopWhenStdinEnds()
      await runDoor(pathIn(values))
      return undefined
    },
  },
  doctor: {
    summary: 'check everything the door needs, and say what to do about it',
    options: ['blink', 'json'],
    details: 'Changes nothing. Exit code 1 if there is an error.',
    run: async ({ values, io }) => {
      const { json = false, blink = false } = values
      return (await import('./doctor/doctor.ts')).doctor(pathIn(values), { json, blink }, io)
    },
  },
  'config check': {
    summary: 'check the config file',
    run: async ({ values, io }) => (await import('./config.ts')).checkConfig(pathIn(values), io),
  },
  'config show': {
    summary: 'list every setting: value, meaning, limits',
    details: 'Without a config file: the defaults. Passwords are not shown.',
    run: async ({ values, io }) =>
      (await import('./config.ts')).showConfig(
        pathIn(values),
        { mayBeMissing: !values.config },
        io,
      ),
  },
  'config example': {
    summary: 'print the config file of a new door, with every setting',
    run: async ({ io }) => (await import('./config.ts')).printExample(io),
  },
  provision: {
    summary: 'get this door its certificate and door key',
    options: ['claim', 'template', 'rotate', 'write'],
    details:
      'Needs AWS credentials in the environment, or a claim: see docs/provisioning.md. May be run\nagain at any time, and continues where it stopped.',
    async run({ values, io }) {
      const { rotate = false, claim = null, template = 'smart-door', write = false } = values
      const { provision } = await import('./provision/provision.ts')
      return provision(pathIn(values), { rotate, claim, template, write }, io)
    },
  },
  passcode: {
    summary: 'make a one-time code here at the door, without the cloud',
    details:
      'The daemon must be running. The code is valid for five minutes. The fourth code that was not\nused yet ends the first.',
    run: async ({ values, io }) => (await import('./passcode.ts')).passcode(pathIn(values), io),
  },
  'break-glass': {
    summary: 'print ten single-use codes for emergencies; they end the sheet before',
    options: ['yes'],
    details:
      'The daemon must be running. The codes work without network and without the time, and have no end.\nEach use raises an alarm. To print: sudo smart-door break-glass --yes | lp',
    run: async ({ values, io }) =>
      (await import('./break-glass.ts')).breakGlass(
        pathIn(values),
        { yes: values.yes ?? false },
        io,
      ),
  },
  backup: {
    summary: 'write everything that this door needs on another computer into one file',
    arguments: ['FILE'],
    options: ['passphrase-file'],
    details:
      'Encrypted with a passphrase; the door may be running. Without config, key, certificate and log a\ndoor cannot be moved: see docs/backup.md.',
    run: async ({ values, given: [file = ''], io }) =>
      (await import('./backup.ts')).backup(pathIn(values), file, values['passphrase-file'], io),
  },
  restore: {
    summary: 'make this computer the door of a backup',
    arguments: ['FILE'],
    options: ['passphrase-file', 'replace'],
    details: 'Stop the door first. No code that was sent until now works afterwards; new ones do.',
    run: async ({ values, given: [file = ''], io }) => {
      const { 'passphrase-file': passphraseFile, replace = false } = values
      const { restore } = await import('./backup.ts')
      return restore(pathIn(values), { file, passphraseFile, replace }, io)
    },
  },
  'keypad pair': {
    summary: 'let a tablet become a keypad of this door',
    arguments: ['NAME'],
    details:
      'Prints a code and a QR code, good for one tablet and ten minutes. NAME is what you call it.',
    run: async ({ values, given: [name = ''], io }) =>
      (await import('./keypad.ts')).pairTablet(pathIn(values), name, io),
  },
  'keypad list': {
    summary: 'list the tablets that are paired',
    run: async ({ values, io }) => (await import('./keypad.ts')).listTablets(pathIn(values), io),
  },
  'keypad remove': {
    summary: 'take a tablet away; it is out at once',
    arguments: ['NAME'],
    run: async ({ values, given: [name = ''], io }) =>
      (await import('./keypad.ts')).removeTablet(pathIn(values), name, io),
  },
  update: {
    summary: 'install a signed release',
    arguments: ['FILE|URL'],
    options: ['allow-downgrade'],
    details:
      'The archive that "npm run release" made, with its .sig beside it. Nothing is unpacked before the\nsignature was checked. If the new version does not start, the one before runs on.',
    run: async ({ values, given: [source = ''], io }) => {
      const { 'allow-downgrade': allowDowngrade = false } = values
      return (await import('./update.ts')).update(source, { allowDowngrade }, io)
    },
  },
  explain: {
    summary: 'say what happened during a visit, and why',
    arguments: ['VISIT|EVENT'],
    details:
      'VISIT is the number or id of a visit, EVENT the sequence number (#12) or id of an event.',
    run: async ({ values, given: [wanted = ''], io }) =>
      (await import('./log.ts')).explain(pathIn(values), wanted, io),
  },
  replay: {
    summary: 'say whose entries of the last days would have changed under other rules',
    options: ['settings', 'days'],
    details:
      'FILE is JSON with any of timeZone, modeHours and codes: the terms by the name of their holder, "*" for\nall others. As in {"codes": {"Cleaner": {"visits": 3}}}. Changes nothing; the door may be running.',
    async run({ values, io }) {
      const { settings: file, days } = values
      if (file === undefined) throw new Misuse('--settings FILE is missing.', 'replay')
      return (await import('./replay.ts')).replayLog(pathIn(values), { file, days }, io)
    },
  },
  'verify-log': {
    summary: 'check that the log was not changed',
    options: ['head'],
    details: 'Prints SEQ:HASH to store elsewhere, for a later --head.',
    run: async ({ values, io }) =>
      (await import('./log.ts')).verifyLog(pathIn(values), values.head, io),
  },
}

const program: Program<typeof options> = {
  name: 'smart-door',
  summary: 'the program that runs at the door',
  options,
  forEvery: ['config'],
  commands,
  failure(error) {
    if (error instanceof ConfigError) return { text: error.message, code: configExitCode }
    const isFault = [StoreFault, BackupFault, UpdateFault].some((kind) => error instanceof kind)
    return isFault && error instanceof Error ? { text: error.message, code: 1 } : null
  },
}

/** The exit code; undefined while the daemon runs. */
export const main = (argv: readonly string[], io: Io): Promise<number | undefined> =>
  runProgram(program, argv, io)

/** The system closes the pipe however the process at its other end died. */
function stopWhenStdinEnds(): void {
  process.stdin.on('error', () => {}) // 'close' follows.
  process.stdin.on('close', () => process.kill(process.pid, 'SIGTERM'))
  process.stdin.resume()
}
