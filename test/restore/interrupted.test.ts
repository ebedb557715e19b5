import { afterEach, beforeEach, expect, test } from "bun:test"
import { existsSync, readdirSync, truncateSync } from "node:fs"
import { dirname, join } from "node:path"
import { sh, tmpfs } from "../faults/harness/mounts.ts"
import { binary } from "../fixtures/machine.ts"
import { makePassable } from "../fixtures/passable.ts"
import { until } from "../fixtures/until.ts"
import { isolated } from "../guard.ts"
import { contents, footprintOf, id, Rescued } from "./rescued.ts"

let machine: Rescued
beforeEach(() => {
  machine = new Rescued()
})
afterEach(() => machine.dispose())

const temporaries = (folder: string) =>
  [...contents(folder).keys()].filter((name) => name.includes(".restoring"))

/** A restore that is busy with a large transcript. */
async function busy() {
  truncateSync(machine.transcriptFile, 400 << 20)
  await machine.export()
  machine.loseHome()
  const folder = dirname(machine.transcriptFile)
  const run = machine.start([binary, "restore", id], { env: { SESSION_RESCUE_DATA: machine.data } })
  await until(
    "the transcript to be written",
    () => existsSync(folder) && readdirSync(folder).some((name) => name.includes(".restoring")),
  )
  return run
}

test("Ctrl-C ends a restore with 130 and leaves nothing of it, not even a folder", async () => {
  const run = await busy()
  process.kill(run.pid, "SIGINT")
  expect(await run.exited).toBe(130)
  expect(existsSync(machine.claude)).toBe(false)
}, 60_000)

test("a second Ctrl-C leaves at once; no half file has a name, and the next restore tidies up", async () => {
  const run = await busy()
  for (const signal of ["SIGSTOP", "SIGINT", "SIGTERM", "SIGCONT"] as const) process.kill(run.pid, signal)
  expect(await run.exited).toBe(130)
  expect(existsSync(machine.transcriptFile)).toBe(false)
  expect((await machine.restore(id)).code).toBe(0)
  expect(temporaries(machine.claude)).toEqual([])
}, 60_000)

const root = isolated && process.getuid?.() === 0
if (!root) console.error("\n!!! NOT ROOT IN A SANDBOX: full disks and other users are SKIPPED\n")

test.if(root)(
  "a full disk is told with a way out, and the home is as it was; with room it goes on",
  async () => {
    machine.grow(`${JSON.stringify({ type: "user", text: "x".repeat(3 << 20) })}\n`)
    const before = footprintOf(machine)
    await machine.export()
    machine.loseHome()
    const disk = tmpfs("size=2m")
    try {
      const env = { CLAUDE_CONFIG_DIR: join(disk.folder, "home") }
      const { code, json } = await machine.run(["restore", id, "--json"], { env })
      expect([code, json.error?.code]).toEqual([1, "DISK_FULL"])
      expect(json.error.hint).toContain("--to")
      expect([...contents(disk.folder).keys()]).toEqual([])
      sh("mount", "-o", "remount,size=20m", disk.folder)
      expect((await machine.run(["restore", id], { env })).code).toBe(0) // and so onto another filesystem
      expect(footprintOf({ claude: env.CLAUDE_CONFIG_DIR } as Rescued)).toEqual(before)
    } finally {
      disk.dispose()
    }
  },
)

test.if(root)("a disk without room for another name is a full disk too", async () => {
  await machine.export()
  machine.loseHome()
  const disk = tmpfs("size=4m,nr_inodes=8")
  try {
    const { code, json } = await machine.run(["restore", id, "--json"], {
      env: { CLAUDE_CONFIG_DIR: join(disk.folder, "home") },
    })
    expect([code, json.error?.code]).toEqual([1, "DISK_FULL"])
    expect([...contents(disk.folder).keys()]).toEqual([])
  } finally {
    disk.dispose()
  }
})

test.if(root)("a home that may not be written is told, with a way out", async () => {
  await machine.export()
  machine.loseHome()
  const before = [...contents(machine.root).keys()]
  sh("chmod", "-R", "a+rX", machine.root)
  const program = ["setpriv", "--reuid=65534", "--regid=65534", "--clear-groups"]
  makePassable(dirname(machine.root))
  const { code, json } = await machine.run(["restore", id, "--json"], { program })
  expect([code, json.error?.code]).toEqual([1, "NO_PERMISSION"])
  expect(json.error.hint).toContain("--to")
  expect([...contents(machine.root).keys()]).toEqual(before)
})

test.if(root)("a home on a read-only disk is told, with a way out", async () => {
  await machine.export()
  machine.loseHome()
  const disk = tmpfs("size=4m")
  try {
    sh("mount", "-o", "remount,ro", disk.folder)
    const env = { CLAUDE_CONFIG_DIR: join(disk.folder, "home") }
    const { code, json } = await machine.run(["restore", id, "--json"], { env })
    expect([code, json.error?.code, json.error?.hint.includes("--to")]).toEqual([1, "READ_ONLY", true])
  } finally {
    disk.dispose()
  }
})

test("a task list that differs is named, and nothing is replaced", async () => {
  await machine.export()
  machine.write(join(machine.claude, "tasks", id, "1.json"), '{"now":"later"}')
  const { code, json } = await machine.restore(id, "--json")
  expect([code, json.error?.message.includes("tasks")]).toEqual([4, true])
})
