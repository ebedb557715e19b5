/** What OpenCode's tools leave: they name their client alone, so nothing of it is certain. */
import { afterEach, beforeEach, expect, setDefaultTimeout } from "bun:test"
import { until } from "../fixtures/until.ts"
import { isThere } from "../kill/harness/clients.ts"
import { describe, test } from "./isolated.ts"
import { LeavingMachine, listed } from "./leftover-processes.ts"

setDefaultTimeout(60_000)
let machine: LeavingMachine
beforeEach(() => {
  machine = new LeavingMachine()
})
afterEach(() => machine.dispose())

describe("what a tool of OpenCode has started, which names its client alone", () => {
  /** A client, and a tool of it that has made itself independent. */
  async function opencode(): Promise<{ readonly client: number; readonly tool: number }> {
    const path = machine.pidFile("oc")
    const tool = machine.pidFile("oc-tool")
    const script = `echo $$ > "${path}"; (OPENCODE_PID=$$ setsid bash -c 'echo $$ > "${tool}"; exec sleep 305' < /dev/null > /dev/null 2>&1 &); exec sleep 306`
    Bun.spawn(["bash", "-c", script], {
      env: { ...process.env, HOME: machine.home },
      stdio: ["ignore", "ignore", "ignore"],
    })
    return { client: await machine.pidOf("oc"), tool: await machine.pidOf("oc-tool") }
  }

  test("is not left over while that runs, whatever kind it is; then it is listed, and ended when named", async () => {
    const { client, tool } = await opencode()
    expect([...(await listed(machine)).keys()]).toEqual([])
    process.kill(client, "SIGKILL")
    await until("its client to be gone", () => !isThere(client))
    const seen = await listed(machine)
    expect(seen.get(tool)).toMatchObject({ kind: "other", standing: "unsure", session: null })
    expect(seen.get(tool)?.why).toContain(`its client (pid ${client}) has exited`)
    expect((await machine.run(["reap", "--force"])).code).toBe(0)
    expect(isThere(tool)).toBe(true)
    expect((await machine.run(["reap", String(tool), "--force"])).code).toBe(0)
    expect(isThere(tool)).toBe(false)
  })
})
