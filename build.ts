/**
 * `bun run build`: compiles dist/session-rescue, the one binary for the machine this runs on.
 * `bun run build --all [--base-url URL] [--only NAME …]`: dist/release, everything that is published.
 */
import { mkdirSync, mkdtempSync, renameSync, rmSync } from "node:fs"
import { join } from "node:path"
import { parseArgs } from "node:util"
import { compile, pinnedBun, program, root, version } from "./build/compile.ts"
import { targets } from "./build/targets.ts"

const dist = join(root, "dist")

// Bytecode and the loading of plugins belong to one exact version of the runtime.
function refuseAnotherBun(): void {
  if (Bun.version === pinnedBun) return
  console.error(`${program} is built with Bun ${pinnedBun}, and this is Bun ${Bun.version}.`)
  console.error("The pinned one comes with `npm ci`; then run `npm run build`.")
  process.exit(1)
}

async function build(): Promise<string> {
  mkdirSync(dist, { recursive: true })
  // The file's name is compiled in, so it is the folder that is temporary.
  const staging = mkdtempSync(join(dist, ".build-"))
  try {
    const staged = join(staging, program)
    await compile(staged)
    // Renamed, never overwritten: a running binary keeps the file it was started from.
    renameSync(staged, join(dist, program))
  } finally {
    rmSync(staging, { recursive: true, force: true })
  }
  return join(dist, program)
}

function readArguments() {
  const { values } = parseArgs({
    options: {
      all: { type: "boolean", default: false },
      "base-url": { type: "string" },
      only: { type: "string", multiple: true, default: [] },
    },
  })
  const names = targets.map(({ name }) => name)
  const unknown = values.only.find((name) => !names.includes(name))
  if (unknown !== undefined) throw new Error(`no target is called ${unknown}; known: ${names.join(", ")}`)
  return { all: values.all || values.only.length > 0, baseUrl: values["base-url"] ?? null, only: values.only }
}

refuseAnotherBun()
try {
  const { all, ...options } = readArguments()
  if (all) {
    const { release } = await import("./build/release.ts")
    const place = await release({ dist, ...options, say: (line) => console.error(line) })
    console.error(`built ${place} (${program} ${version}); before it is published: RELEASING.md`)
  } else {
    const binary = await build()
    const megabytes = Math.round(Bun.file(binary).size / 1e6)
    console.error(`built ${binary} (${program} ${version}, ${megabytes} MB)`)
  }
} catch (error) {
  const reasons = error instanceof AggregateError ? error.errors : [error]
  for (const reason of reasons) console.error(reason)
  console.error("The build failed; what was built before, if there was anything, is untouched.")
  process.exitCode = 1
}
