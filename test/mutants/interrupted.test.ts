/** Told to end in the middle of its work, the run takes everything with it. */
import { afterEach, beforeEach, expect, test } from "bun:test"
import { mkdtempSync, readdirSync, readFileSync, readlinkSync, rmSync } from "node:fs"
import { tmpdir } from "node:os"
import { join } from "node:path"
import { until } from "../fixtures/until.ts"
import { checkout } from "./copy.ts"

let folder: string
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), "m-"))
})
afterEach(() => rmSync(folder, { recursive: true, force: true }))

/** What processes that work below the folder were started with: a copy's build or tests. */
const atWork = () =>
  readdirSync("/proc").flatMap((pid) => {
    try {
      if (!/^\d+$/.test(pid) || !readlinkSync(`/proc/${pid}/cwd`).startsWith(folder)) return []
      return [readFileSync(`/proc/${pid}/cmdline`, "utf8")]
    } catch {
      return [] // it has just ended
    }
  })

/** Of those the shells that the run has started itself: the rest ends when they do. */
const shells = () => atWork().filter((command) => command.startsWith("sh\0test/sandbox.sh\0"))

test.if(process.platform === "linux").each([
  ["SIGINT", 130],
  ["SIGTERM", 143],
] as const)(
  "%s: no copy and no process is left",
  async (signal, code) => {
    const run = Bun.spawn([process.execPath, "run", "test/mutants/run.ts", "grace"], {
      cwd: checkout,
      env: { ...process.env, TMPDIR: folder },
      stdio: ["ignore", "ignore", "ignore"],
    })
    const scratch = () => [...new Bun.Glob("mu-*/?t/sr.*").scanSync({ cwd: folder, onlyFiles: false })]
    await until("tests to run in both copies", () => scratch().length === 2 && shells().length === 2)
    run.kill(signal)
    expect(await run.exited).toBe(code)
    expect([readdirSync(folder), shells()]).toEqual([[], []])
    await until("what they had started to be gone", () => atWork().length === 0)
  },
  60_000,
)

test("an unknown name is a wrong usage, and nothing is copied for it", () => {
  const { exitCode, stderr } = Bun.spawnSync([process.execPath, "run", "test/mutants/run.ts", "nobody"], {
    cwd: checkout,
    env: { ...process.env, TMPDIR: folder },
  })
  expect([exitCode, stderr.toString()]).toEqual([2, "no such safety step: nobody\n"])
  expect(readdirSync(folder)).toEqual([])
})
