import type { GeneralName, KeyUsage } from '@handfast/kit/x509'
import { AuthorityError } from './errors.ts'
import { printable } from './text.ts'

export type ProfileName = 'server' | 'client' | 'peer'
export type SubjectAltNameType = Extract<GeneralName['type'], 'dns' | 'ip' | 'uri' | 'email'>
export type ExtendedKeyUsage = 'serverAuth' | 'clientAuth'

export interface LifetimeDays {
  readonly default: number
  readonly max: number
}

/** What an authority grants to a leaf, whatever the request says. */
export interface Profile {
  readonly name: ProfileName
  readonly extendedKeyUsage: readonly ExtendedKeyUsage[]
  readonly subjectAltNames: {
    readonly allowed: readonly SubjectAltNameType[]
    /** At least one name of these types; empty means that none is needed. */
    readonly required: readonly SubjectAltNameType[]
    /** `*.example.com`; never for whom a name identifies as a client. */
    readonly wildcards: boolean
  }
  readonly lifetimeDays: LifetimeDays
}

const leafLifetime: LifetimeDays = { default: 90, max: 90 }

/** The built-in profiles for leaves. */
export const profiles: Readonly<Record<ProfileName, Profile>> = {
  server: {
    name: 'server',
    extendedKeyUsage: ['serverAuth'],
    // RFC 9525 §6.3: a server is known by its SAN, never by its CN.
    subjectAltNames: { allowed: ['dns', 'ip'], required: ['dns', 'ip'], wildcards: true },
    lifetimeDays: leafLifetime,
  },
  client: {
    name: 'client',
    extendedKeyUsage: ['clientAuth'],
    subjectAltNames: { allowed: ['dns', 'ip', 'uri', 'email'], required: [], wildcards: false },
    lifetimeDays: leafLifetime,
  },
  peer: {
    name: 'peer',
    extendedKeyUsage: ['serverAuth', 'clientAuth'],
    subjectAltNames: { allowed: ['dns', 'ip', 'uri'], required: ['dns', 'ip'], wildcards: false },
    lifetimeDays: leafLifetime,
  },
}

/** What an authority grants to another authority, or to itself. */
export interface AuthorityProfile {
  readonly name: 'root' | 'intermediate'
  readonly keyUsage: readonly KeyUsage[]
  readonly lifetimeDays: LifetimeDays
}

export const authorityProfiles: Readonly<Record<AuthorityProfile['name'], AuthorityProfile>> = {
  root: {
    name: 'root',
    keyUsage: ['keyCertSign', 'cRLSign'],
    lifetimeDays: { default: 3650, max: 9131 },
  },
  intermediate: {
    name: 'intermediate',
    keyUsage: ['keyCertSign', 'cRLSign'],
    lifetimeDays: { default: 1825, max: 3650 },
  },
}

/** @throws {AuthorityError} profile-unknown */
export function findProfile(name: string): Profile {
  const known = Object.keys(profiles)
  const found = Object.values(profiles).find((profile) => profile.name === name)
  if (found !== undefined) return found
  throw new AuthorityError(
    'profile-unknown',
    `Cannot use profile "${printable(name)}": it is none of ${known.join(', ')}`,
    { hint: `Choose a profile: ${known.join(', ')}`, details: { known } },
  )
}
