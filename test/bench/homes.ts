import { copyFileSync, mkdirSync, mkdtempSync, rmSync } from "node:fs"
import { tmpdir } from "node:os"
import { basename, dirname, join, resolve } from "node:path"
import { writeSparseTranscript, writeTranscript } from "../fixtures/talk/corpus.ts"

const root = resolve(import.meta.dir, "../..")
export const binary = process.env.SESSION_RESCUE_BINARY ?? join(root, "dist/session-rescue")
const folder = mkdtempSync(join(tmpdir(), "bench-"))

export function clean(): void {
  rmSync(folder, { recursive: true, force: true })
}

const cwd = "/home/dev/work/project-0"

/** A home of its own, with a data folder on the same disk. */
export function newHome(name: string) {
  const home = mkdtempSync(join(folder, `${name}-`))
  const client = join(home, ".claude")
  const transcripts = join(client, "projects", cwd.replaceAll("/", "-"))
  mkdirSync(transcripts, { recursive: true })
  return {
    home,
    client,
    /** The folder of the project in which `addSession` and a corpus of one project lie. */
    transcripts,
    data: join(home, "data"),
    /** Where the others copy to. */
    copy: join(home, "copy"),
    remove: () => rmSync(home, { recursive: true, force: true }),
  }
}

export type Home = ReturnType<typeof newHome>

/** Another session of `bytes` in that home; returns its id. */
export function addSession(home: Home, bytes: number, longLine = 0): string {
  const { id, path, options } = newSession(home, bytes)
  writeTranscript(path, { ...options, longLine })
  return id
}

/** The same, but after a real beginning nothing but NUL bytes that take no room on the disk. */
export function addSparseSession(home: Home, bytes: number): string {
  const { id, path, options } = newSession(home, bytes)
  writeSparseTranscript(path, options)
  return id
}

function newSession(home: Home, bytes: number) {
  const id = crypto.randomUUID()
  // Not of this moment: a transcript that may still be growing is looked at twice, and that takes its time.
  const lastWrite = new Date(Date.now() - 3 * 3_600_000)
  const path = join(home.transcripts, `${id}.jsonl`)
  return { id, path, options: { seed: 1, id, cwd, ended: true, lastWrite, bytes } }
}

export function formatBytes(bytes: number): string {
  const [unit, name] = bytes >= 1e9 ? [1e9, "GB"] : bytes >= 1e6 ? [1e6, "MB"] : [1e3, "KB"]
  return `${Number((bytes / (unit as number)).toFixed(1))} ${name}`
}

const compiled = new Map<string, Promise<string>>()

/** Compiled as session-rescue itself is; once. */
export function compile(program: string): Promise<string> {
  const before = compiled.get(program) ?? compileAnew(program)
  compiled.set(program, before)
  return before
}

async function compileAnew(program: string): Promise<string> {
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
  return started(Array.from({ length: size }, () => ["sleep", "100000"]))
}

/** So many clients of that home, by their executable; they do nothing. */
export function clients({ home }: Home, size: number): () => void {
  const program = join(home, "claude-code-linux-x64/claude")
  mkdirSync(dirname(program))
  copyFileSync("/bin/sleep", program)
  return started(
    Array.from({ length: size }, () => [program, "100000"]),
    home,
  )
}

function started(commands: readonly string[][], home?: string): () => void {
  const more = home === undefined ? {} : { cwd: home, env: { ...process.env, HOME: home } }
  const children = commands.map((command) => Bun.spawn(command, { stdout: "ignore", ...more }))
  return () => {
    for (const child of children) child.kill()
  }
}
