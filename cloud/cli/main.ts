/** The commands of `npm run cloud`, with which an owner looks after the deployment. */
import type { Io } from '../../terminal/command-line.ts'
import {
  type Command,
  flag,
  type Program,
  runProgram,
  standardOptions,
  value,
} from '../../terminal/commands.ts'
import type { Role } from '../members/core/household.ts'
import { failureOf } from './failures.ts'

const options = {
  id: value('ID', 'the household’s part of its doors’ names (default: from NAME)'),
  'time-zone': value('ZONE', 'for times in mails and pages, as in Europe/Berlin'),
  countries: value('LIST', 'where codes may be texted to, as in US,CA'),
  owner: value('EMAIL', 'the first owner, who is invited'),
  'as-owner': flag('an owner: gets the mails, and decides who may come in'),
  viewer: flag('a viewer: may look, but not open a door'),
  language: value('LANGUAGE', 'en, de, es or fr (default: en)'),
  name: value('NAME', 'what the door is called in mails and pages (default: from DOOR)'),
  patience: value('SECONDS', 'how long a played visit may take (default: 30)'),
  settings: value('FILE', 'settings of the deployment (default: cdk.json)'),
  ...standardOptions,
} as const
type Options = typeof options

/** Without a choice a member: may look and open the door. */
const roleIn = (values: { readonly 'as-owner'?: boolean; readonly viewer?: boolean }): Role =>
  values['as-owner'] ? 'owner' : values.viewer ? 'viewer' : 'member'

const settingsIn = ({ settings = 'cdk.json' }: { readonly settings?: string }): string => settings

// Each loads only what it needs: AWS's clients take their time.
const commands: Readonly<Record<string, Command<Options>>> = {
  check: {
    summary: 'check the AWS account, and the deployment if there is one',
    options: ['patience', 'settings'],
    details:
      'Changes nothing. After deployment it plays a visit at a door without a household, and deletes its traces. Exit code 1 if something must be done first.',
    run: async ({ values, io }) =>
      (await import('./check/check.ts')).check(
        { settings: settingsIn(values), patience: values.patience },
        io,
      ),
  },
  'household add': {
    summary: 'add a household, or change it, and invite its first owner',
    arguments: ['NAME'],
    options: ['id', 'time-zone', 'countries', 'owner', 'language'],
    details:
      'Adds its deployed doors. May be repeated: an owner who has not signed in is invited again.',
    run: async ({ values, given: [name = ''], io }) =>
      (await import('./households.ts')).addOne(
        {
          ...{ name, id: values.id, timeZone: values['time-zone'], countries: values.countries },
          ...{ owner: values.owner, language: values.language },
        },
        io,
      ),
  },
  'household list': {
    summary: 'list households with their doors, owners and members',
    run: async ({ io }) => (await import('./households.ts')).listAll(io),
  },
  'household remove': {
    summary: 'remove a household without doors: members, visitors, photos and faces',
    arguments: ['HOUSEHOLD'],
    run: async ({ given: [household = ''], io }) =>
      (await import('./households.ts')).removeOne(household, io),
  },
  'member invite': {
    summary: 'invite a person to a household, or again if they never signed in',
    arguments: ['HOUSEHOLD', 'EMAIL'],
    options: ['as-owner', 'viewer', 'language'],
    run: async ({ values, given: [household = '', email = ''], io }) =>
      (await import('./members.ts')).inviteOne(
        { household, email, language: values.language, role: roleIn(values) },
        io,
      ),
  },
  'member remove': {
    summary: 'remove a person from a household, and sign them out everywhere',
    arguments: ['HOUSEHOLD', 'EMAIL'],
    run: async ({ given: [household = '', email = ''], io }) =>
      (await import('./members.ts')).removeOne(household, email, io),
  },
  'door add': {
    summary: 'add a door to its household and to the settings, or rename it',
    arguments: ['DOOR'],
    options: ['name', 'settings'],
    details:
      'DOOR is HOUSEHOLD_DOOR, as in maple-street_front. npm run deploy then makes it in AWS.',
    run: async ({ values, given: [doorId = ''], io }) =>
      (await import('./doors.ts')).addOne(
        { doorId, name: values.name, settings: settingsIn(values) },
        io,
      ),
  },
  'door remove': {
    summary: 'end a door’s access, and remove it from its household and the settings',
    arguments: ['DOOR'],
    options: ['settings'],
    details: 'npm run deploy then removes it from AWS.',
    run: async ({ values, given: [doorId = ''], io }) =>
      (await import('./doors.ts')).removeOne({ doorId, settings: settingsIn(values) }, io),
  },
}

const program: Program<Options> = {
  name: 'npm run cloud --',
  summary: 'look after the deployment in AWS',
  options,
  forEvery: [],
  commands,
  failure: failureOf,
}

export const main = async (argv: readonly string[], io: Io): Promise<number> =>
  (await runProgram(program, argv, io)) ?? 0
