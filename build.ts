/** `bun run build`: compiles dist/session-rescue, the one binary for the machine this runs on. */
import { mkdirSync, mkdtempSync, renameSync, rmSync } from "node:fs"
import { join } from "node:path"
import manifest from "./package.json"

const NAME = "session-rescue"
const root = import.meta.dir
const dist = join(root, "dist")

// Bytecode and the loading of plugins belong to one exact version of the runtime.
function refuseAnotherBun(): void {
  const pinned = manifest.devDependencies.bun
  if (Bun.version === pinned) return
  console.error(`${NAME} is built with Bun ${pinned}, and this is Bun ${Bun.version}.`)
  console.error("The pinned one comes with `npm ci`; then run `npm run build`.")
  process.exit(1)
}

function compile(outfile: string): Promise<Bun.BuildOutput> {
  return Bun.build({
    // A worker is a program of its own; the second entry puts it into the binary.
    entrypoints: [join(root, "src/main.ts"), join(root, "src/rescue/hash-worker.ts")],
    // All code ends up in one flat folder inside the binary, and the entries have to lie there too: only so
    // does `new URL("./hash-worker.ts", import.meta.url)` mean the same from source and compiled.
    naming: { entry: "[name].[ext]" },
    target: "bun",
    format: "esm",
    minify: true,
    bytecode: true,
    splitting: true,
    sourcemap: "linked",
    define: {
      "process.env.NODE_ENV": '"production"',
      SESSION_RESCUE_VERSION: JSON.stringify(manifest.version),
    },
    // Otherwise the binary would read .env and run a preload from whatever folder it is started in.
    compile: { outfile, autoloadDotenv: false, autoloadBunfig: false },
  })
}

async function build(): Promise<string> {
  mkdirSync(dist, { recursive: true })
  // The file's name is compiled in, so it is the folder that is temporary.
  const staging = mkdtempSync(join(dist, ".build-"))
  try {
    const staged = join(staging, NAME)
    await compile(staged)
    // Renamed, never overwritten: a running binary keeps the file it was started from.
    renameSync(staged, join(dist, NAME))
  } finally {
    rmSync(staging, { recursive: true, force: true })
  }
  return join(dist, NAME)
}

refuseAnotherBun()
try {
  const binary = await build()
  console.error(
    `built ${binary} (${NAME} ${manifest.version}, ${Math.round(Bun.file(binary).size / 1e6)} MB)`,
  )
} catch (error) {
  const reasons = error instanceof AggregateError ? error.errors : [error]
  for (const reason of reasons) console.error(reason)
  console.error("The build failed; an older dist/session-rescue, if there was one, is untouched.")
  process.exitCode = 1
}
