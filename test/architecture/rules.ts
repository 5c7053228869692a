import path from 'node:path/posix'
import { readSource, type Import, type SourceFacts } from './imports.ts'
import { kitDoors, maxFileLines, packages, processRooms, type Room } from './rooms.ts'

export interface SourceFile {
  /** From the repository's root, with slashes. */
  readonly path: string
  readonly text: string
}

/** Where a file stands. `room` is undefined for files outside `src`: tests, and what only tests use. */
interface Place {
  readonly path: string
  readonly packageName: string | undefined
  readonly room: string | undefined
  readonly isTest: boolean
}

/** Every rule that one source file breaks, a line each: `<file>: <what> (<why>)`. */
export function checkSource(file: SourceFile): readonly string[] {
  const place = findPlace(file.path)
  const facts = readSource(file.text)
  const room = findRoom(place)
  const complaints = [
    ...checkLength(file.text),
    ...checkExports(facts),
    ...checkPlace(place, room),
    ...facts.imports.flatMap((imported) => checkImport(place, room, imported)),
    ...checkProcess(place, facts),
  ]
  return [...new Set(complaints)].map((complaint) => `${file.path}: ${complaint}`)
}

export interface Manifest {
  readonly dependencies?: Readonly<Record<string, string>>
  readonly optionalDependencies?: Readonly<Record<string, string>>
  readonly peerDependencies?: Readonly<Record<string, string>>
  readonly peerDependenciesMeta?: Readonly<Record<string, { readonly optional?: boolean }>>
  readonly exports?: Readonly<Record<string, unknown>>
}

/** What the kit promises in its package.json: nothing to install, and these doors. */
export function checkKitManifest(manifest: Manifest): readonly string[] {
  const needed = [
    ...Object.keys(manifest.dependencies ?? {}),
    ...Object.keys(manifest.optionalDependencies ?? {}),
    ...Object.keys(manifest.peerDependencies ?? {}).filter(
      (name) => manifest.peerDependenciesMeta?.[name]?.optional !== true,
    ),
  ]
  const doors = Object.keys(manifest.exports ?? {}).map((key) => key.replace('./', ''))
  return [
    ...needed.map((name) => `the kit may not depend on ${name}`),
    ...doors
      .filter((door) => kitDoors[door] === undefined)
      .map((door) => `exports "./${door}", which is no door in test/architecture/rooms.ts`),
    ...Object.keys(kitDoors)
      .filter((door) => !doors.includes(door))
      .map((door) => `does not export "./${door}", a door in test/architecture/rooms.ts`),
  ].map((complaint) => `packages/kit/package.json: ${complaint}`)
}

function findPlace(file: string): Place {
  const parts = file.split('/')
  const packageName = parts[0] === 'packages' ? parts[1] : undefined
  const inSource = packageName !== undefined && parts[2] === 'src'
  return {
    path: file,
    packageName,
    room: inSource && parts.length > 4 ? parts[3] : undefined,
    isTest: !inSource || file.endsWith('.test.ts'),
  }
}

function findRoom(place: Place): Room | undefined {
  return packages[place.packageName ?? '']?.[place.room ?? '']
}

function checkLength(text: string): readonly string[] {
  const lines = text.replace(/\n$/, '').split('\n').length
  return lines > maxFileLines ? [`has ${lines} lines, ${maxFileLines} at most`] : []
}

function checkExports(facts: SourceFacts): readonly string[] {
  return [
    ...(facts.exportsStar ? ['may not export * (list the names)'] : []),
    ...(facts.exportsDefault ? ['may not export a default (give it a name)'] : []),
  ]
}

function checkPlace(place: Place, room: Room | undefined): readonly string[] {
  if (place.packageName === undefined || room !== undefined || isOutsideSource(place)) return []
  const name = place.room === undefined ? 'a file outside every room' : `room ${place.room}`
  return [`${name} is not in test/architecture/rooms.ts`]
}

function isOutsideSource(place: Place): boolean {
  return place.isTest && place.room === undefined && !place.path.includes('/src/')
}

function checkImport(
  place: Place,
  room: Room | undefined,
  { specifier, names }: Import,
): readonly string[] {
  if (specifier === undefined) {
    return place.isTest ? [] : ['may not import a computed name (no rule can judge it)']
  }
  if (specifier.startsWith('.')) return checkRelative(place, room, specifier)
  if (specifier === '@handfast/kit' || specifier.startsWith('@handfast/kit/')) {
    return checkDoor(place, room, specifier.slice('@handfast/kit/'.length))
  }
  if (place.isTest || room === undefined) return []
  const allowed = specifier.startsWith('node:')
    ? allowsBuiltin(room, specifier, names)
    : room.packages.includes(packageOf(specifier))
  return allowed
    ? []
    : [`${place.room} may not import ${specifier}${describeNames(room, specifier)}`]
}

function checkRelative(place: Place, room: Room | undefined, specifier: string): readonly string[] {
  const target = findPlace(path.join(path.dirname(place.path), specifier))
  if (/(?:^|\/)(?:index(?:\.\w+)?|\.{1,2}\/?)$/.test(specifier)) {
    return [`may not import ${specifier} (import the file that defines the name)`]
  }
  if (target.packageName !== place.packageName && leavesPackage(place, target)) {
    return [`may not import ${specifier} (another package: go through @handfast/kit/<door>)`]
  }
  if (place.isTest || room === undefined) return []
  if (target.isTest) return [`may not import ${specifier} (only tests import tests)`]
  if (target.room === place.room) return []
  return room.rooms.includes(target.room ?? '')
    ? []
    : [`${place.room} may not import ${target.room ?? specifier} (${specifier})`]
}

/** The program has no doors, so that the tests at the root may reach into it; into the kit they may not. */
function leavesPackage(place: Place, target: Place): boolean {
  return !(place.packageName === undefined && target.packageName === 'handfast')
}

function checkDoor(place: Place, room: Room | undefined, door: string): readonly string[] {
  const specifier = `@handfast/kit/${door}`
  const target = kitDoors[door]
  if (target === undefined) return [`may not import ${specifier} (not a door of the kit)`]
  if (place.isTest || room === undefined) return []
  if (place.packageName === 'kit') {
    return [`may not import ${specifier} (inside the kit, import the file that defines the name)`]
  }
  return room.kit.includes(target) ? [] : [`${place.room} may not import ${specifier}`]
}

function allowsBuiltin(
  room: Room,
  specifier: string,
  names: readonly string[] | undefined,
): boolean {
  const covers = (entry: string): boolean =>
    specifier === entry || specifier.startsWith(`${entry}/`)
  if (room.refused?.some(covers)) return false
  if (room.builtins.includes('node:*') || room.builtins.some(covers)) return true
  const single = singleNames(room, specifier)
  return names !== undefined && names.length > 0 && names.every((name) => single.includes(name))
}

function singleNames(room: Room, specifier: string): readonly string[] {
  return room.builtins
    .filter((entry) => entry.startsWith(`${specifier}#`))
    .map((entry) => entry.slice(specifier.length + 1))
}

function describeNames(room: Room, specifier: string): string {
  const names = singleNames(room, specifier)
  return names.length === 0 ? '' : ` (only ${names.join(', ')} of it)`
}

/** `@scope/name/door` → `@scope/name`; `name/door` → `name`. */
function packageOf(specifier: string): string {
  return specifier
    .split('/')
    .slice(0, specifier.startsWith('@') ? 2 : 1)
    .join('/')
}

function checkProcess(place: Place, facts: SourceFacts): readonly string[] {
  const own = `${place.packageName}/${place.room}`
  if (place.isTest || processRooms.includes(own)) return []
  return facts.processUses.map((use) => `${place.room} may not use ${use} (only cli may)`)
}
