#!/usr/bin/env node
import { runProgram } from './program.ts'
import { stopWhenOutputCloses } from './signals.ts'

stopWhenOutputCloses()
process.exitCode = await runProgram(process.argv.slice(2))
