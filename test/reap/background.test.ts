/** Terminals of the background service: with a session they are no leftovers, whatever became of the service. */
import { afterEach, beforeEach, expect, setDefaultTimeout } from "bun:test"
import { join } from "node:path"
import { backgroundSession, roster, service } from "../fixtures/background.ts"
import { shellClient } from "../fixtures/fake-clients.ts"
import { startTick } from "../fixtures/processes.ts"
import { sessionId } from "../fixtures/talk/conversation.ts"
import { isThere } from "../kill/harness/clients.ts"
import { describe, test } from "./isolated.ts"
import { LeavingMachine, listed } from "./leftover-processes.ts"

setDefaultTimeout(60_000)
let machine: LeavingMachine
beforeEach(() => {
  machine = new LeavingMachine()
})
afterEach(() => machine.dispose())

/** A host with a spare below it, as both are once the service was killed (2.1.332). `spare`: what it does beside. */
async function abandoned(spare = "") {
  const program = machine.copy("/bin/bash", join(machine.root, "shell/claude-code-linux-x64/claude"))
  const script = machine.write(
    join(machine.root, "spare.sh"),
    `${spare}\necho $$ > "${machine.pidFile("spare")}"\nexec {line}<> <(:); while :; do read -r _ <&$line; done`,
  )
  const socket = "/tmp/cc-daemon-0/x/spare/1.sock"
  const host = shellClient(machine, `setsid "${program}" "${script}" --bg-spare ${socket} & wait`, {
    args: ["--bg-pty-host", socket, "200", "50", "--", "claude", "--bg-spare", socket],
  })
  return { host, spare: await machine.pidOf("spare") }
}

const book = (workers: unknown) =>
  machine.write(join(machine.claude, "daemon/roster.json"), JSON.stringify({ workers }))

test("one without the service and without a session is left over, with the client that waits in it", async () => {
  book({})
  const { host, spare } = await abandoned()
  expect((await listed(machine)).get(host.pid)).toMatchObject({
    kind: "host",
    standing: "certain",
    session: null,
  })
  expect((await machine.run(["reap", "--force"])).code).toBe(0)
  expect([host.pid, spare].map(isThere)).toEqual([false, false])
})

test("while the service of its home lives it is the service's", async () => {
  book({})
  const { host } = await abandoned()
  const running = service(machine)
  expect((await listed(machine)).has(host.pid)).toBe(false)
  await running.end()
  expect((await listed(machine)).get(host.pid)?.standing).toBe("certain")
})

describe("a session that goes on without the service", () => {
  test("keeps its terminal", async () => {
    const { host, session } = await backgroundSession(machine, sessionId(1))
    roster(machine, [{ host, session, id: sessionId(1), short: "a0000001", transcript: "" }])
    expect((await listed(machine)).size).toBe(0)
    expect((await machine.run(["reap", "--force"])).code).toBe(0)
    expect([host.pid, session.pid].map(isThere)).toEqual([true, true])
  })

  test("also where it is a spare that was given one, and carries its arguments", async () => {
    book({})
    const { host, spare } = await abandoned()
    machine.registry({ pid: spare, procStart: startTick(spare) }, sessionId(1), { kind: "bg" })
    expect((await listed(machine)).size).toBe(0)
    expect((await machine.run(["reap", String(host.pid), "--force"])).code).toBe(4)
    expect([host.pid, spare].map(isThere)).toEqual([true, true])
  })

  test.each<[string, () => Promise<{ host: { pid: number }; spare: number }>]>([
    [
      "the service's book names it, and its registry file is gone",
      async () => {
        const all = await abandoned()
        book({ a0000001: { pid: all.host.pid, sessionId: sessionId(1) } })
        return all
      },
    ],
    ["there is no book", () => abandoned()],
    [
      "something runs below what looks like a spare",
      async () => {
        book({})
        return abandoned("sleep 312 &")
      },
    ],
  ])("or may do so: %s", async (_, make) => {
    const { host, spare } = await make()
    expect((await listed(machine)).get(host.pid)).toMatchObject({
      standing: "kept",
      but: "it may hold a session that no file records",
    })
    expect((await machine.run(["reap", "--force"])).code).toBe(0)
    expect((await machine.run(["reap", String(host.pid), "--force"])).code).toBe(4)
    expect([host.pid, spare].map(isThere)).toEqual([true, true])
  })
})
