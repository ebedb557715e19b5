/** Registry files whose numbers are those of another pid namespace: a container that shares the home. */
import { afterEach, beforeEach, describe, expect, setDefaultTimeout, test } from "bun:test"
import { readFileSync, readlinkSync } from "node:fs"
import { join } from "node:path"
import { isInstalled } from "../../faults/harness/installed.ts"
import { idle } from "../../fixtures/fake-clients.ts"
import { Machine } from "../../fixtures/machine.ts"
import { childrenOf, startTick } from "../../fixtures/processes.ts"
import { sessionId } from "../../fixtures/talk/conversation.ts"
import { until } from "../../fixtures/until.ts"

setDefaultTimeout(30_000)
let machine: Machine
beforeEach(() => {
  machine = new Machine()
})
afterEach(() => machine.dispose())

const id = sessionId(1)
const domainOf = (namespace: string) => `linux:0123456789abcdef0123456789abcdef:${namespace}`

/** A client that is process 1 of a pid namespace of its own. Answers its number out here. */
async function contained(env: Record<string, string> = {}): Promise<number> {
  const program = machine.copy("/bin/bash", join(machine.root, "claude-code-linux-x64/claude"))
  const script = machine.write(join(machine.root, "idle.sh"), `: > "$1"; ${idle}`)
  const ready = join(machine.root, "ready")
  const command = ["unshare", "--pid", "--fork", "--kill-child", program, script, ready]
  const { pid } = machine.start(command, { cwd: machine.root, env })
  await until("the client to be ready", () => Bun.file(ready).exists())
  return until("its process", () => childrenOf(pid)[0])
}

describe.if(isInstalled("unshare"))("a client that is process 1 of a container, with our home", () => {
  test("is matched by the number it has in there", async () => {
    const pid = await contained()
    machine.transcript(id, { cwd: machine.root })
    const namespace = readlinkSync(`/proc/${pid}/ns/pid`)
    const about = { pidDomain: domainOf(namespace), cwd: machine.root, status: "busy" }
    machine.registry({ pid: 1, procStart: startTick(pid) }, id, about)
    const { json } = await machine.run(["status", "--json", "--explain"])
    expect(json.sessions).toMatchObject([{ id, pid, state: "ACTIVE" }])
    const [identity] = json.sessions[0].evidence
    expect(identity.message).toBe("sessions/1.json, start time matches")
  })
})

test("a file of another machine is not taken for one of ours, and its session is not called crashed", async () => {
  const client = await machine.client()
  machine.transcript(id)
  machine.registry(client, id, { pidDomain: domainOf("pid:[1]") })
  const { json } = await machine.run(["status", "--json", "--all"])
  const session = json.sessions.find((each: { id: string }) => each.id === id)
  expect(session).toMatchObject({ state: "ORPHANED", detail: "written from elsewhere", pid: null })
  const { json: saved } = await machine.run(["export", "--json"]) // it is at risk like any that runs
  expect(saved.exports.map((each: { id: string }) => each.id)).toContain(id)
})

test("a file of this machine and namespace is taken as ever; so is a form that is not known", async () => {
  const own = `linux:${readFileSync("/etc/machine-id", "utf8").trim()}:${readlinkSync("/proc/self/ns/pid")}`
  for (const [number, pidDomain] of [own, "plan9:x", 7].entries()) {
    const client = await machine.client()
    const cwd = `/work/${number}`
    machine.transcript(sessionId(number + 1), { cwd })
    machine.registry(client, sessionId(number + 1), { pidDomain, cwd })
    const { json } = await machine.run(["status", "--json"])
    expect(json.sessions.find((each: { pid: number }) => each.pid === client.pid)?.id).toBe(
      sessionId(number + 1),
    )
  }
})

describe.if(isInstalled("unshare"))("asked from inside the container", () => {
  const inside = (client: string, command: string) => [
    "unshare",
    "--pid",
    "--fork",
    "--mount-proc",
    "--kill-child",
    ...[client, machine.write(join(machine.root, "one.sh"), command)],
  ]

  test("a client that is process 1 is seen, saved, and never ended", async () => {
    const program = machine.copy("/bin/bash", join(machine.root, "claude-code-linux-x64/claude"))
    machine.transcript(id, { cwd: machine.root, age: -2_000 })
    const ask = `'${process.env.SESSION_RESCUE_BINARY ?? join(import.meta.dir, "../../../dist/session-rescue")}'`
    const script = [
      `cd '${machine.root}'`,
      `setsid ${ask} status --json > status.json 2> status.err`,
      `setsid ${ask} export 1 --json > export.json 2> export.err`,
      `setsid env -u CLAUDE_CODE_SESSION_ID ${ask} kill 1 --force --json > kill.json 2> kill.err`,
      "touch asked",
      idle,
    ].join("\n")
    machine.start(inside(program, script), { env: { SESSION_RESCUE_DATA: machine.data } })
    await until("the answers", () => Bun.file(join(machine.root, "asked")).exists())
    const read = (name: string) => JSON.parse(readFileSync(join(machine.root, name), "utf8"))
    expect(read("status.json").sessions).toMatchObject([{ id, pid: 1 }])
    expect(read("export.json").exports).toMatchObject([{ id, status: "verified" }])
    expect(read("kill.json").kills[0]).toMatchObject({ outcome: "refused", pid: 1 })
    expect(read("kill.json").kills[0].hint).toContain("stop the container from outside")
  })
})
