/** A process that no signal reaches: frozen by the first generation of control groups, it is in state D. */
import { afterEach, beforeEach, expect, setDefaultTimeout, test } from "bun:test"
import { existsSync, mkdirSync, rmdirSync, writeFileSync } from "node:fs"
import { Machine } from "../fixtures/machine.ts"
import { statOf } from "../fixtures/processes.ts"
import { sessionId } from "../fixtures/talk/conversation.ts"
import { until } from "../fixtures/until.ts"
import { client, isThere } from "./harness/clients.ts"

setDefaultTimeout(60_000)
const freezer = `/sys/fs/cgroup/freezer/session-rescue-test-${process.pid}-${Date.now()}`

const canFreeze = (() => {
  try {
    mkdirSync(freezer)
    rmdirSync(freezer)
    return existsSync("/sys/fs/cgroup/freezer/cgroup.procs")
  } catch {
    console.error("\n!!! NO PROCESS CAN BE FROZEN HERE (cgroup v1 freezer, root): one test is SKIPPED\n")
    return false
  }
})()

let machine: Machine
beforeEach(() => {
  machine = new Machine()
})
afterEach(() => machine.dispose())

test.if(canFreeze)(
  "one that neither TERM nor KILL ends is said to be still there, and is saved",
  async () => {
    const id = sessionId(1)
    const { pid } = await client(machine, id)
    mkdirSync(freezer)
    try {
      writeFileSync(`${freezer}/cgroup.procs`, String(pid))
      writeFileSync(`${freezer}/freezer.state`, "FROZEN")
      await until("it to be uninterruptible", () => statOf(pid)[0] === "D")
      const { code, json } = await machine.run([
        "kill",
        id,
        "--force",
        "--json",
        "--tree",
        "--grace",
        "100ms",
      ])
      expect([code, isThere(pid)]).toEqual([1, true])
      expect(json.kills[0]).toMatchObject({
        outcome: "still-alive",
        export: { status: "verified" },
        exportsAfter: [],
      })
      expect(json.kills[0].reason).toContain("uninterruptible sleep")
    } finally {
      writeFileSync(`${freezer}/freezer.state`, "THAWED")
      await until("it to end", () => !isThere(pid))
      rmdirSync(freezer)
    }
  },
)
