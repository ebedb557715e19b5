/** The suite itself: it mounts nothing where it should not, and leaves nothing mounted. */
import { expect, test } from "bun:test"
import { mkdtempSync, readFileSync } from "node:fs"
import { tmpdir } from "node:os"
import { join } from "node:path"
import { until } from "../fixtures/until.ts"
import { realHome } from "../guard.ts"
import { mount, onLoop, sh, tmpfs } from "./harness/mounts.ts"
import { able } from "./tools.ts"

const ready = able("the suite's own mounts", "mounts", "mount", "umount", "losetup", "mkfs.ext4")
const mounted = () =>
  readFileSync("/proc/self/mountinfo", "utf8")
    .split("\n")
    .filter((line) => line.includes(tmpdir()))
const loops = () =>
  Bun.spawnSync(["losetup", "-a"])
    .stdout.toString()
    .split("\n")
    .filter((line) => line.includes(tmpdir()))

test("outside the sandbox it does not start", () => {
  const env = { ...process.env, SESSION_RESCUE_TEST_SANDBOX: "" }
  const cwd = join(import.meta.dir, "../..")
  const run = Bun.spawnSync([process.execPath, "test", import.meta.path], { cwd, env })
  expect([run.exitCode, run.stderr.toString()]).toEqual([
    1,
    expect.stringContaining("only inside the sandbox"),
  ])
})

test.each([realHome(), "/", "/mnt", `${tmpdir()}/../elsewhere`])("a mount over %s is refused", (over) => {
  expect(() => mount(["mount", "--bind", tmpdir()], { over })).toThrow("refused")
})

test.if(ready)("what it mounts it unmounts, and the loop devices are free again", async () => {
  const before = mounted()
  for (const make of [() => tmpfs("size=1m"), () => onLoop("ext4", { megabytes: 8 })]) {
    const made = make()
    expect(mounted()).toHaveLength(before.length + 1)
    made.dispose()
    expect(mounted()).toEqual(before)
  }
  await until("the loop devices to be detached", () => loops().length === 0)
})

test.if(ready)("interrupted by SIGKILL, its mounts and loop devices go with the namespace", async () => {
  const folder = mkdtempSync(join(tmpdir(), "interrupted-"))
  sh("truncate", "-s", "8M", `${folder}.img`)
  sh("mkfs.ext4", "-q", `${folder}.img`)
  const script = `mount -o loop ${folder}.img ${folder} && echo ready && exec sleep 300`
  const child = Bun.spawn(["unshare", "--mount", "sh", "-c", script], { stdout: "pipe" })
  const { value } = await child.stdout.getReader().read()
  expect([new TextDecoder().decode(value), loops().length]).toEqual(["ready\n", 1])
  child.kill("SIGKILL")
  await child.exited
  await until("the loop device to be detached", () => loops().length === 0)
})
