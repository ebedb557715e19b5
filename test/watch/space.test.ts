/** The last 5 per cent of a disk are its user's. */
import { afterEach, beforeEach, expect, setDefaultTimeout, test } from "bun:test"
import { existsSync, mkdirSync, rmSync, statfsSync, writeFileSync } from "node:fs"
import { join } from "node:path"
import { binary } from "../fixtures/machine.ts"
import { sessionId } from "../fixtures/talk/conversation.ts"
import { talkOf, WatchMachine } from "./watch-harness.ts"

setDefaultTimeout(60_000)

let machine: WatchMachine
let disk: string
let mounted = false
beforeEach(() => {
  machine = new WatchMachine()
  machine.withTelling()
  disk = join(machine.root, "disk")
  mkdirSync(disk)
  mounted = Bun.spawnSync(["mount", "-t", "tmpfs", "-o", "size=4m", "tmpfs", disk]).exitCode === 0
  if (!mounted) console.error("NOT TESTED HERE: a disk of its own cannot be mounted")
})
afterEach(async () => {
  if (mounted) Bun.spawnSync(["umount", disk])
  await machine.dispose()
})

test("a copy that would need them is not made, is told, and is made once there is room", async () => {
  if (!mounted) return
  const id = sessionId(1)
  const cwd = "/work/p1"
  machine.transcript(id, { cwd, text: talkOf(1, [{ tokens: 190_000 }], { cwd }) })
  machine.registry(await machine.client({ cwd: machine.root }), id, { cwd })
  const { blocks, bsize } = statfsSync(disk)
  const rest = join(disk, "rest")
  writeFileSync(rest, Buffer.alloc(Math.floor(blocks * bsize * 0.97)))
  const data = join(disk, "data")
  const once = () => machine.run(["watch", "--once", "--data-dir", data], { env: machine.watchEnv })
  expect((await once()).code).toBe(1)
  expect(machine.notified).toHaveLength(1)
  expect(machine.notified[0]).toContain("NOT SAVED: the disk is nearly full. Next: session-rescue cx")
  rmSync(rest)
  const { json } = await machine.run(["export", id, "--json", "--data-dir", data])
  expect(json.exports[0].status).toBe("verified")
})

test("on a disk without a byte left it is told all the same", async () => {
  if (!mounted) return
  const id = sessionId(1)
  const cwd = "/work/p1"
  machine.transcript(id, { cwd, text: talkOf(1, [{ tokens: 190_000 }], { cwd }) })
  machine.registry(await machine.client({ cwd: machine.root }), id, { cwd })
  const { bavail, bsize } = statfsSync(disk)
  writeFileSync(join(disk, "rest"), Buffer.alloc(bavail * bsize))
  expect(statfsSync(disk).bavail).toBe(0)
  const args = ["watch", "--once", "--data-dir", join(disk, "data")]
  const { code, stdout, stderr } = await machine.run(args, { env: machine.watchEnv })
  expect([code, stderr]).toEqual([1, ""])
  expect(stdout).toContain("failed  what was done cannot be noted: ENOSPC")
  expect(machine.notified[0]).toContain("NOT SAVED: the disk is nearly full")
})

test.each([
  ["with 3 per cent left", (free: number, total: number) => free - Math.ceil(0.03 * total)],
  ["without a byte left", (free: number) => free],
])("at a session's end on a disk %s its hook tells, and copies nothing", async (_, filling) => {
  if (!mounted) return
  const id = sessionId(1)
  const cwd = "/work/p1"
  const transcript = machine.transcript(id, { cwd, text: talkOf(1, [{ tokens: 10_000 }], { cwd }) })
  const { bavail, blocks, bsize } = statfsSync(disk)
  writeFileSync(join(disk, "rest"), Buffer.alloc(filling(bavail, blocks) * bsize))
  const child = Bun.spawn([binary, "hook", "SessionEnd", "--now"], {
    env: { HOME: machine.home, ...machine.watchEnv, SESSION_RESCUE_DATA: join(disk, "data") },
    stdin: Buffer.from(JSON.stringify({ session_id: id, transcript_path: transcript, cwd })),
  })
  expect(await child.exited).toBe(0)
  expect(machine.notified).toEqual([expect.stringContaining("has ended; NOT SAVED: the disk is nearly full")])
  expect(existsSync(join(disk, "data/sessions-export-pending-anthropic"))).toBe(false)
})
