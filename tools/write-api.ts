import { mkdirSync, writeFileSync } from 'node:fs'
import { renderApiSurface } from './api-surface.ts'

const folder = new URL('../api/', import.meta.url)
mkdirSync(folder, { recursive: true })
for (const [door, text] of renderApiSurface()) writeFileSync(new URL(`${door}.d.ts`, folder), text)
