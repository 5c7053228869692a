#!/usr/bin/env node
// Plain JavaScript of any age: an old Node must get a sentence, not a syntax error.
const major = Number(process.versions.node.split('.')[0])
if (major < 24) {
  process.stderr.write(
    `error: Cannot run on Node ${process.versions.node}: Handfast needs Node 24 or newer\n` +
      'hint: In a checkout run it with "npx handfast", which brings its own Node\n',
  )
  process.exitCode = 1
} else {
  await import('../src/cli/main.ts')
}
