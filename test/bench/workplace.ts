import { mkdirSync, mkdtempSync, rmSync, statSync, truncateSync, utimesSync } from "node:fs"
import { tmpdir } from "node:os"
import { basename, join, resolve } from "node:path"
import { writeTranscript } from "../fixtures/corpus.ts"

const root = resolve(import.meta.dir, "../..")
export const binary = process.env.SESSION_RESCUE_BINARY ?? join(root, "dist/session-rescue")
const folder = mkdtempSync(join(tmpdir(), "bench-"))

export function clean(): void {
  rmSync(folder, { recursive: true, force: true })
}

/** A home of its own, with a data folder on the same disk. */
export function newHome(name: string) {
  const home = join(folder, name)
  const client = join(home, ".claude")
  const data = join(folder, `${name}-data`)
  mkdirSync(join(client, "projects"), { recursive: true })
  return {
    home,
    client,
    data,
    forget: () => rmSync(data, { recursive: true, force: true }),
    transcript: (id: string) => join(client, "projects", "-home-dev-work", `${id}.jsonl`),
  }
}

export type Home = ReturnType<typeof newHome>

/** Another session of `bytes` in that home; returns its id. */
export function addSession(home: Home, bytes: number, longLine = 0): string {
  const id = crypto.randomUUID()
  // Not of this moment: a transcript that may still be growing is looked at twice, and that takes its time.
  const lastWrite = new Date(Date.now() - 3 * 3_600_000)
  const talk = { seed: 1, id, cwd: "/home/dev/work", ended: true, lastWrite }
  writeTranscript(home.transcript(id), { ...talk, bytes, longLine })
  return id
}

/** The same, but after a real beginning nothing but NUL bytes that take no room on the disk. */
export function addHollowSession(home: Home, bytes: number): string {
  const id = addSession(home, 100_000)
  const path = home.transcript(id)
  const { mtime } = statSync(path)
  truncateSync(path, bytes)
  utimesSync(path, mtime, mtime)
  return id
}

/** Compiled as session-rescue itself is. */
export async function compile(program: string): Promise<string> {
  const outfile = join(folder, basename(program, ".ts"))
  await Bun.build({
    entrypoints: [join(import.meta.dir, "programs", program)],
    target: "bun",
    format: "esm",
    minify: true,
    bytecode: true,
    splitting: true,
    compile: { outfile, autoloadDotenv: false, autoloadBunfig: false },
  })
  return outfile
}

/** Company for the process list: about as many as a desktop has. They end with the bench. */
export function crowd(size: number): () => void {
  const company = Array.from({ length: size }, () => Bun.spawn(["sleep", "100000"], { stdout: "ignore" }))
  return () => {
    for (const child of company) child.kill()
  }
}
