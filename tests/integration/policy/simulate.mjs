// Judges the simulations on stdin with the simulator in the directory that is
// named, and prints what it says of each.

import { pathToFileURL } from 'node:url'
import { join } from 'node:path'
import { readFileSync } from 'node:fs'

const entry = join(process.argv[2], 'node_modules/@cloud-copilot/iam-simulate/dist/esm/index.js')
const { runSimulation } = await import(pathToFileURL(entry).href)

const answers = []
for (const simulation of JSON.parse(readFileSync(0, 'utf8'))) {
  try {
    const run = await runSimulation(simulation, {})
    answers.push({
      verdict: run.overallResult ?? null,
      ignored: run.result?.ignoredContextKeys ?? [],
      errors: run.errors ?? null,
    })
  } catch (error) {
    answers.push({ verdict: null, ignored: [], errors: String(error) })
  }
}
process.stdout.write(JSON.stringify(answers))
