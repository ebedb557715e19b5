/** Whose child an orphan becomes: any process may ask for them, and tells nothing. */
import { afterEach, beforeEach, expect, setDefaultTimeout } from "bun:test"
import { join } from "node:path"
import { childrenOf, startTick, statOf } from "../fixtures/processes.ts"
import { sessionId } from "../fixtures/talk/conversation.ts"
import { until } from "../fixtures/until.ts"
import { isThere } from "../kill/harness/clients.ts"
import { test } from "./isolated.ts"
import { LeavingMachine, listed } from "./leftover-processes.ts"

setDefaultTimeout(60_000)
const id = sessionId(1)
const fixture = join(import.meta.dir, "../fixtures/subreaper.ts")
let machine: LeavingMachine
beforeEach(() => {
  machine = new LeavingMachine()
})
afterEach(() => machine.dispose())

/** A client below a process that orphans fall to. */
async function below(name: string) {
  const program = machine.copy("/bin/bash", join(machine.root, "shell/claude-code-linux-x64/claude"))
  const { server, tool } = machine.starts
  const script = machine.write(
    join(machine.root, "client.sh"),
    `${server("server", id)}\n${tool("tool", id)}\nsleep 310`,
  )
  const reaper = machine.start([process.execPath, fixture, name, program, script])
  const pids = await Promise.all(["server", "tool"].map((each) => machine.pidOf(each)))
  const client = await until("the client", () =>
    childrenOf(reaper.pid).find((pid) => pids.every((each) => childrenOf(pid).includes(each))),
  )
  machine.registry({ pid: client, procStart: startTick(client) }, id)
  machine.transcript(id)
  return { reaper, client, pids }
}

test.skipIf(process.platform !== "linux").each(["tini", "dumb-init", "systemd", "Relay(9)", "init"])(
  "%s",
  async (name) => {
    const { reaper, client, pids } = await below(name)
    expect([...(await listed(machine)).keys()]).toEqual([])
    process.kill(client, "SIGKILL")
    await until("them to be its own", () => pids.every((pid) => statOf(pid)[1] === String(reaper.pid)))
    const doctor = await machine.run(["doctor"])
    for (const pid of pids) expect(doctor.stdout).toContain(`${pid} (`)
    const seen = await listed(machine)
    expect([...seen.keys()].toSorted()).toEqual(pids.toSorted())
    expect((await machine.run(["reap", "--force"])).code).toBe(0)
    expect([reaper.pid, ...pids].map(isThere)).toEqual([true, false, false])
  },
)
