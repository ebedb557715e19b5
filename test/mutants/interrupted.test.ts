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

/** Processes that work below the folder: a copy's build or tests. */
const atWork = () =>
  readdirSync("/proc").filter((pid) => {
    try {
      return /^\d+$/.test(pid) && readlinkSync(`/proc/${pid}/cwd`).startsWith(folder)
    } catch {
      return false
    }
  })

/** Of those the shells that run has started itself: the rest ends when they do. */
const shells = () =>
  atWork().filter((pid) => readFileSync(`/proc/${pid}/cmdline`, "utf8").startsWith("sh\0test/sandbox.sh\0"))

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
