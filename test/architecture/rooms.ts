/**
 * The house's floor plan, as data. `rules.ts` reads it; to open a wall, change it here and say why.
 * A room that is not built yet may already stand here.
 */
export interface Room {
  /** Rooms of the same package. */
  readonly rooms: readonly string[]
  /** Rooms of the kit, through their doors. Empty inside the kit itself. */
  readonly kit: readonly string[]
  /** `node:fs` covers `node:fs/promises`; `node:net#isIP` admits that one name only; `node:*` is every built-in not in `refused`. */
  readonly builtins: readonly string[]
  /** npm packages. */
  readonly packages: readonly string[]
  readonly refused?: readonly string[]
}

export type FloorPlan = Readonly<Record<string, Room>>

/** Which room each `@handfast/kit/<door>` opens; the same list as the kit's `exports`. */
export const kitDoors: Readonly<Record<string, string>> = {
  base: 'base',
  x509: 'x509',
  trust: 'trust',
  identity: 'identity',
  tls: 'tls',
}

const everyKitRoom = [
  'base',
  'x509',
  'trust',
  'revocation',
  'identity',
  'tls',
  'adapters',
  'enroll',
] as const

const kit: FloorPlan = {
  // No domain words, no world: the clock is a port, its one implementation uses timers.
  base: inKit([], ['node:timers']),
  // Pure. Bytes in, values out; isIP only parses text.
  x509: inKit(
    ['base'],
    [
      'node:crypto',
      'node:buffer',
      'node:net#isIP',
      'node:net#isIPv4',
      'node:net#isIPv6',
      'node:util#promisify',
    ],
  ),
  // Pure. What it lacks it names, and is asked again.
  trust: inKit(['base', 'x509'], ['node:crypto']),
  revocation: inKit(['base', 'x509', 'trust'], ['node:crypto']),
  identity: inKit(['base', 'x509', 'trust'], ['node:fs', 'node:path', 'node:crypto']),
  // The only room that touches TLS sockets.
  tls: inKit(
    ['base', 'x509', 'trust', 'identity', 'revocation'],
    ['node:tls', 'node:net', 'node:crypto', 'node:events', 'node:stream', 'node:timers'],
  ),
  adapters: inKit(
    ['base', 'x509', 'trust', 'identity', 'revocation', 'tls'],
    ['node:https', 'node:http', 'node:http2', 'node:tls'],
  ),
  enroll: inKit(
    ['base', 'x509', 'trust', 'identity', 'revocation', 'tls', 'adapters'],
    ['node:crypto'],
  ),
}

const handfast: FloorPlan = {
  // The only room with SQL.
  store: {
    rooms: [],
    kit: ['base'],
    builtins: ['node:sqlite', 'node:fs', 'node:path', 'node:crypto'],
    packages: ['kysely'],
  },
  authority: {
    rooms: ['store'],
    kit: ['base', 'x509', 'trust'],
    builtins: ['node:crypto', 'node:net#isIP'],
    packages: [],
  },
  link: { rooms: [], kit: everyKitRoom, builtins: ['node:crypto'], packages: [] },
  // Moves bytes and decides nothing but through trust: it knows no store, group, controller or authority.
  gateway: {
    rooms: [],
    kit: ['base', 'x509', 'trust', 'identity', 'tls'],
    builtins: ['node:http', 'node:net', 'node:stream', 'node:crypto'],
    packages: ['undici'],
  },
  group: {
    rooms: ['store', 'gateway', 'link', 'authority'],
    kit: everyKitRoom,
    builtins: ['node:crypto'],
    packages: [],
  },
  control: {
    rooms: ['group', 'store', 'gateway', 'authority'],
    kit: everyKitRoom,
    builtins: ['node:http', 'node:crypto'],
    packages: ['fastify', 'typebox', '@fastify/type-provider-typebox'],
  },
  doctor: {
    rooms: [],
    kit: everyKitRoom,
    builtins: ['node:crypto', 'node:dns', 'node:fs', 'node:net', 'node:path'],
    packages: [],
  },
  // Bad certificates come from the x509 encoders, never from the authority; bad peers need sockets of their own.
  lab: {
    rooms: [],
    kit: everyKitRoom,
    builtins: [
      'node:crypto',
      'node:events',
      'node:http',
      'node:http2',
      'node:https',
      'node:net',
      'node:stream',
      'node:tls',
    ],
    packages: [],
  },
  // Turns the typed events of the rooms below it into logs and metrics.
  telemetry: {
    rooms: ['group', 'link', 'gateway', 'authority'],
    kit: everyKitRoom,
    builtins: [],
    packages: ['pino', 'prom-client'],
  },
  // Wires everything; nobody imports it.
  cli: {
    rooms: [
      'store',
      'authority',
      'link',
      'gateway',
      'group',
      'control',
      'doctor',
      'lab',
      'telemetry',
    ],
    kit: everyKitRoom,
    builtins: ['node:*'],
    packages: ['commander', 'yaml', 'undici', 'typebox'],
    refused: ['node:sqlite'],
  },
}

/** Package folder → its rooms. */
export const packages: Readonly<Record<string, FloorPlan>> = { kit, handfast }

/** The rooms that may read argv and env, and end the process. */
export const processRooms: readonly string[] = ['handfast/cli']

export const maxFileLines = 400

function inKit(rooms: readonly string[], builtins: readonly string[]): Room {
  return { rooms, kit: [], builtins, packages: [] }
}
