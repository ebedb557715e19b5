/** Builds lying-fs.c once a run, and mounts folders through it. */
import { existsSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs"
import { tmpdir } from "node:os"
import { join } from "node:path"
import { type Mount, mount, sh } from "../harness/mounts.ts"

export interface Lie {
  readonly operation: "write" | "read" | "fsync" | "flush"
  readonly lie: "short" | "flip" | "drop" | "eio" | "hang"
  readonly nth: number
  /** Only files with this in their path are counted. */
  readonly part: string
  /** The kernel believes its own cache, as with a local disk. @default false */
  readonly cached?: boolean
}

const program = join(tmpdir(), "liar")

function build(): void {
  if (existsSync(program)) return
  const flags = Bun.spawnSync(["pkg-config", "--cflags", "--libs", "fuse3"])
    .stdout.toString()
    .trim()
    .split(/\s+/)
  sh("gcc", "-O1", "-Wall", "-Wextra", "-o", program, join(import.meta.dir, "lying-fs.c"), ...flags)
}

/** Shows a folder at another, with that lie; `hits` says how often it did, `answer` ends a hang. */
export function lying(
  backing: string,
  over: string,
  { operation, lie, nth, part, cached }: Lie,
): Mount & { hits(): number; answer(): void } {
  build()
  const log = join(mkdtempSync(join(tmpdir(), "hits-")), "hits")
  const mounted = mount(
    [program, backing, log, operation, lie, String(nth), part, cached ? "cached" : "direct"],
    { over },
  )
  return {
    ...mounted,
    answer: () => writeFileSync(`${log}.go`, ""),
    hits: () => (existsSync(log) ? readFileSync(log, "utf8").trim().split("\n").length : 0),
    dispose() {
      mounted.dispose()
      rmSync(join(log, ".."), { recursive: true, force: true })
    },
  }
}
