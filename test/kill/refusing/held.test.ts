import { afterEach, beforeEach, describe, expect, setDefaultTimeout, test } from "bun:test"
import { readdirSync } from "node:fs"
import { join } from "node:path"
import { pidfdCalls } from "../../../src/system/native/pidfd.ts"
import { linuxProcesses } from "../../../src/system/process/linux.ts"
import {
  openByPolling,
  openOnLinux,
  openProcess,
  type ProcessHandle,
} from "../../../src/system/process/process-handle.ts"
import type { Processes } from "../../../src/system/process/processes.ts"
import { isInstalled } from "../../faults/harness/installed.ts"
import { Machine } from "../../fixtures/machine.ts"
import { childrenOf, startTick, statOf } from "../../fixtures/processes.ts"
import { pid } from "../../fixtures/session.ts"
import { until } from "../../fixtures/until.ts"
import { isThere } from "../harness/clients.ts"

setDefaultTimeout(30_000)
let machine: Machine
beforeEach(() => {
  machine = new Machine()
})
afterEach(() => machine.dispose())

type Hold = (identity: { pid: ReturnType<typeof pid>; startMark: string }) => Promise<ProcessHandle | null>
const ways: [string, Hold][] = [
  ["a pidfd", async (identity) => openOnLinux(identity, await pidfdCalls())],
  ["its /proc folder", async (identity) => openOnLinux(identity, null)],
  ["looking", (identity) => openByPolling(identity, linuxProcesses())],
]

const identityOf = (number: number) => ({ pid: pid(number), startMark: startTick(number) })
const openFiles = () => readdirSync("/proc/self/fd").length

test("process 1 is never held: everything here ends with it", async () => {
  await expect(openProcess(identityOf(1))).rejects.toMatchObject({ code: "REFUSED" })
})

describe.each(ways)("held by %s", (way, hold) => {
  test("a process is signalled, and seen to end", async () => {
    const child = machine.start(["sleep", "300"])
    const held = await hold(identityOf(child.pid))
    expect([await held?.hasExited(), held?.raceFree]).toEqual([false, way === "a pidfd"])
    expect(await held?.signal("SIGTERM")).toBe("sent")
    await child.exited
    expect([await held?.hasExited(), await held?.signal("SIGKILL")]).toEqual([true, "gone"])
    held?.release()
  })

  test("a process of another start is not that process", async () => {
    const child = machine.start(["sleep", "300"])
    expect(await hold({ pid: pid(child.pid), startMark: "1" })).toBeNull()
    expect(isThere(child.pid)).toBe(true)
  })

  test("a process that is gone is none, and so is a zombie", async () => {
    const child = machine.start(["sh", "-c", "sleep 0 & exec sleep 300"])
    const zombie = await until("a zombie", () =>
      childrenOf(child.pid).find((each) => statOf(each)[0] === "Z"),
    )
    expect(await hold(identityOf(zombie))).toBeNull()
    const identity = identityOf(child.pid)
    await child.end()
    expect(await hold(identity)).toBeNull()
  })

  test("one that becomes a zombie has ended", async () => {
    const mother = machine.start(["sh", "-c", "sleep 300 & exec sleep 301"])
    const child = await until("its child", () => childrenOf(mother.pid)[0])
    const held = await hold(identityOf(child))
    process.kill(child, "SIGKILL")
    await until("a zombie", () => statOf(child)[0] === "Z")
    expect([await held?.hasExited(), await held?.signal("SIGTERM")]).toEqual([true, "gone"])
    held?.release()
  })

  test("no descriptor stays open, found or not", async () => {
    const child = machine.start(["sleep", "300"])
    const identity = identityOf(child.pid)
    ;(await hold(identity))?.release()
    const before = openFiles()
    for (let time = 0; time < 20; time++) {
      ;(await hold(identity))?.release()
      await hold({ ...identity, startMark: "1" })
      await hold({ pid: pid(999_999_998), startMark: "1" })
    }
    expect(openFiles()).toBeLessThan(before + 10) // the test runner's own come and go
  })
})

test("on Linux a process is held by a pidfd: no window remains", async () => {
  const child = machine.start(["sleep", "300"])
  const held = await openProcess(identityOf(child.pid))
  expect(held?.raceFree).toBe(true)
  held?.release()
})

test("where start time and executable are looked at, one that now runs another program is not signalled", async () => {
  const child = machine.start(["sleep", "300"])
  const real = linuxProcesses()
  let executable = "/usr/bin/claude"
  const processes: Processes = {
    ...real,
    details: async (pids, variables) =>
      new Map(
        [...(await real.details(pids, variables))].map(([each, found]) => [each, { ...found, executable }]),
      ),
  }
  const held = await openByPolling(identityOf(child.pid), processes)
  executable = "/usr/bin/vim"
  expect(await held?.signal("SIGTERM")).toBe("denied")
  expect(isThere(child.pid)).toBe(true)
})

test.if(process.getuid?.() === 0 && isInstalled("unshare"))(
  "a number that was given to another process means nobody, however it is held",
  async () => {
    const probe = join(import.meta.dir, "../harness/reuse-probe.ts")
    const child = Bun.spawnSync([
      "unshare",
      "--pid",
      "--fork",
      "--mount-proc",
      process.execPath,
      "run",
      probe,
    ])
    if (child.exitCode !== 0) throw new Error(child.stderr.toString())
    expect(JSON.parse(child.stdout.toString())).toEqual({
      said: {
        pidfd: [true, true, "gone", "gone"],
        folder: [false, true, "gone", "gone"],
        looking: [false, true, "gone", "gone"],
      },
      anew: [null, null, null],
      outcome: "alive",
    })
  },
)

test.if(process.getuid?.() === 0 && isInstalled("unshare"))(
  "where /proc shows another namespace's numbers, no process can be held by one of them",
  () => {
    const { pid: number, procStart } = machine.start(["sleep", "300"])
    const probe = [process.execPath, "run", join(import.meta.dir, "../harness/namespace-probe.ts")]
    const inside = ["unshare", "--pid", "--fork", ...probe, String(number), procStart]
    expect(Bun.spawnSync(inside).stdout.toString()).toBe("REFUSED\nREFUSED\n")
  },
)
