import { writeFileSync } from 'node:fs'
import { renderRefusalIndex } from './refusal-index.ts'

writeFileSync(new URL('../docs/refusals/README.md', import.meta.url), renderRefusalIndex())
