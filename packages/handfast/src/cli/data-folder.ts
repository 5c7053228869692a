import { join } from 'node:path'

/** Where the database is kept, relative to the working folder or to the configuration file. */
export const defaultDataFolder = 'handfast-data'

export function databaseFile(dataFolder: string): string {
  return join(dataFolder, 'handfast.db')
}
