/**
 * Which folder may import which. The table is in ARCHITECTURE.md; `npm run check` runs it.
 * Imports of types alone count too, except in the rule against cycles.
 */

/** Folders of the door's ports: each holds one port's code with its drivers. */
const devicePorts = 'camera|control|gpio|host|link|recording|simulated|store|tablets'

/** Everything outside `allowed` is refused to files that match `from`. */
const only = (name, comment, from, allowed) => ({
  name,
  comment,
  severity: 'error',
  from: typeof from === 'string' ? { path: from } : from,
  to: { pathNot: allowed },
})

export default {
  forbidden: [
    {
      name: 'no-cycles',
      comment: 'Two files that need each other are one file, or miss a third.',
      severity: 'error',
      from: {},
      to: { circular: true, viaOnly: { dependencyTypesNot: ['type-only'] } },
    },
    {
      name: 'resolvable',
      comment: 'An import that leads nowhere.',
      severity: 'error',
      from: {},
      to: { couldNotResolve: true, pathNot: '^node:|^cloudflare:' },
    },
    only('protocol-alone', 'The protocol knows neither side.', '^protocol/', [
      '^protocol/',
      'node_modules/zod/',
      '^(node:)?crypto$',
    ]),
    only(
      'core-decides',
      'A core imports decisions and the protocol, nothing that can fail.',
      { path: '/core/', pathNot: '^test/' },
      ['/core/', '^protocol/', 'node_modules/zod/'],
    ),
    only(
      'terminal-alone',
      'What people run in a terminal shares only how it is run.',
      '^terminal/',
      [
        '^terminal/',
        '^package.json$',
        'node_modules/zod/',
        '^(node:)?(fs|util|readline/promises)$',
      ],
    ),
    {
      name: 'sides-apart',
      comment: 'Door and cloud meet only in the protocol.',
      severity: 'error',
      from: { path: '^(device|cloud)/' },
      to: { path: '^(device|cloud|keypad-ui|simulation|test)/', pathNot: '^$1/' },
    },
    {
      name: 'ports-apart',
      comment: "A port never imports another port's folder, except its decisions.",
      severity: 'error',
      from: { path: `^device/(${devicePorts})/` },
      to: {
        path: `^device/(${devicePorts}|http|cli|wiring)/`,
        pathNot: ['^device/$1/', '/core/'],
      },
    },
    {
      name: 'daemon-behind-ports',
      comment: 'The daemon and its pages know their ports, not what fits them.',
      severity: 'error',
      from: { path: '^device/(daemon|http)/' },
      to: { path: `^device/(${devicePorts}|cli|wiring)/` },
    },
    {
      name: 'subjects-behind-ports',
      comment: 'Rules and steps of the cloud know their ports, not AWS.',
      severity: 'error',
      from: {
        path: '^cloud/(api|approvals|doors|letters|members|pages|passcodes|privacy|scans|translations|visitors|visits)/',
      },
      to: { path: '^cloud/(aws|functions|infra|wiring)|node_modules/@aws-sdk/' },
    },
    {
      name: 'aws-services-apart',
      comment: "One AWS service's folder never imports another's.",
      severity: 'error',
      from: { path: '^cloud/aws/([^/]+)/' },
      to: { path: '^cloud/aws/[^/]+/', pathNot: '^cloud/aws/$1/' },
    },
    ...[
      ['better-sqlite3', '^device/store/sqlite/'],
      ['onoff', '^device/gpio/drivers/'],
      ['node-webcam', '^device/camera/drivers/'],
      ['aws-iot-device-sdk-v2', '^device/link/mqtt/'],
      ['fastify', '^device/http/'],
      ['pino', '^device/daemon/log\\.ts$'],
      ['hono', '^cloud/(api|pages|functions)/'],
      ['aws-cdk-lib', '^cloud/infra/'],
    ].map(([driver, home]) => ({
      name: `one-home-for-${driver}`,
      comment: 'A driver is imported in one place, so that it can be replaced there.',
      severity: 'error',
      from: { pathNot: [home, '^(test|simulation)/'] },
      to: { path: `node_modules/${driver}/` },
    })),
    only('keypad-page', 'The page sees the types of its API only.', '^keypad-ui/', [
      '^keypad-ui/',
      '^protocol/keypad-api\\.ts$',
    ]),
    {
      name: 'no-simulation',
      comment: 'Only tests import the simulation.',
      severity: 'error',
      from: { pathNot: '^(simulation|test)/' },
      to: { path: '^(simulation|test)/' },
    },
    {
      name: 'programs-are-not-imported',
      comment: 'Only tests and the simulation start a whole program.',
      severity: 'error',
      from: { pathNot: '^(simulation|test)/|^device/cli/' },
      to: { path: '^device/main\\.ts$|^cloud/functions/' },
    },
  ],
  options: {
    doNotFollow: { path: 'node_modules' },
    tsPreCompilationDeps: true,
    enhancedResolveOptions: {
      extensions: ['.ts', '.js'],
      exportsFields: ['exports'],
      conditionNames: ['import', 'require', 'node', 'default'],
    },
  },
}
