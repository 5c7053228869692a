import { Type } from 'typebox'
import type { Static } from 'typebox'

// Every object is closed: a key that is not known is an error, never ignored.
const closed = { additionalProperties: false } as const

const file = Type.String({
  minLength: 1,
  description: 'A path, relative to the configuration file',
})

const secret = Type.Object(
  {
    file: Type.Optional(file),
    variable: Type.Optional(
      Type.String({ pattern: '^[A-Za-z_][A-Za-z0-9_]*$', description: 'An environment variable' }),
    ),
  },
  { ...closed, description: 'Where a passphrase comes from: a file or an environment variable' },
)

const identity = Type.Object(
  {
    certificate: file,
    key: Type.Optional(file),
    passphrase: Type.Optional(secret),
  },
  {
    ...closed,
    description: 'A certificate chain, leaf first, and its private key; one file may hold both',
  },
)

const anchor = Type.Object(
  {
    file,
    kind: Type.Optional(
      Type.Enum(['ca', 'pinned'], {
        description: 'An authority (default), or one pinned certificate',
      }),
    ),
  },
  { ...closed, description: 'A certificate that is trusted' },
)

const anchors = Type.Array(anchor, { minItems: 1, maxItems: 2000 })

const host = Type.String({ minLength: 1, description: 'An address of this machine' })
const port = Type.Integer({ minimum: 0, maximum: 65_535, description: '0 lets the system choose' })

const upstream = Type.Object(
  {
    url: Type.String({
      pattern: '^https?://',
      description: 'http:// or https://, host and port only',
    }),
    serverName: Type.Optional(
      Type.String({
        minLength: 1,
        description: 'The name that its certificate must carry; default: the host of url',
      }),
    ),
    anchors: Type.Optional(anchors),
    identity: Type.Optional(identity),
  },
  closed,
)

const listener = Type.Object(
  {
    name: Type.String({ pattern: '^[a-z][a-z0-9-]{0,62}$' }),
    host,
    port,
    tlsType: Type.Enum(['ONE_WAY', 'MUTUAL']),
    identity,
    upstream,
  },
  closed,
)

export const configSchema = Type.Object(
  {
    dataFolder: Type.Optional(file),
    manager: Type.Object(
      {
        name: Type.String({ minLength: 1, description: 'An X.500 name with O, L and C' }),
        anchors,
      },
      { ...closed, description: 'The local manager: whose allow-list the REST API serves' },
    ),
    rest: Type.Object({ host, port, identity }, closed),
    gateway: Type.Object(
      { listeners: Type.Array(listener, { minItems: 1, maxItems: 64 }) },
      closed,
    ),
  },
  { ...closed, $id: 'https://handfast.dev/schema/handfast.json', title: 'handfast.yaml' },
)

export type ConfigFile = Static<typeof configSchema>
export type IdentityConfig = Static<typeof identity>
export type AnchorConfig = Static<typeof anchor>
export type ListenerConfig = Static<typeof listener>
