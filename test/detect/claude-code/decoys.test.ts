import { afterEach, beforeEach, describe, expect, test } from "bun:test"
import { chmodSync } from "node:fs"
import { join } from "node:path"
import { idle, named, shellClient } from "../../fixtures/fake-clients.ts"
import { Machine } from "../../fixtures/machine.ts"
import { childrenOf, statOf } from "../../fixtures/processes.ts"
import { sessionId } from "../../fixtures/talk/conversation.ts"
import { until } from "../../fixtures/until.ts"

let machine: Machine
beforeEach(() => {
  machine = new Machine()
})
afterEach(() => machine.dispose())

async function look() {
  const { json, code } = await machine.run(["status", "--json", "--all"])
  expect(code).toBe(0)
  const why = (pid: number) => json.rejected.find((each: { pid: number }) => each.pid === pid)?.why ?? null
  return { sessions: json.sessions, why }
}

test("a process with the client's name in its arguments is no session", async () => {
  const snapshot = machine.write(join(machine.claude, "shell-snapshots/snapshot-bash-1.sh"), "")
  machine.start(["grep", "claude"])
  machine.start([
    machine.copy("/usr/bin/tail", join(machine.root, "bin/vim")),
    "-f",
    "/dev/null",
    "claude.md",
  ])
  machine.start(["bash", "-c", `source '${snapshot}'; read -r line`, "claude"])
  machine.start(["sleep", "300"], { cwd: join(machine.root, "@anthropic-ai/claude-code") })
  expect((await look()).sessions).toEqual([])
})

test("a script called claude is no session, and --explain says what it runs", async () => {
  const script = machine.write(join(machine.root, "bin/claude"), `#!/bin/bash\n${idle}\n`)
  chmodSync(script, 0o755)
  const { pid } = machine.start([script])
  await named(pid, "claude")
  const { sessions, why } = await look()
  expect(sessions).toEqual([])
  expect(why(pid)).toMatch(/has the client's name, but runs .*\/bash/)
  const { stdout } = await machine.run(["status", "--explain"])
  expect(stdout).toContain(`not a session: pid ${pid}, has the client's name`)
  expect((await machine.run(["status"])).stdout).not.toContain(String(pid))
})

test("a program of somebody else's that is called claude is no session", async () => {
  const { pid } = machine.start([machine.copy("/bin/sleep", join(machine.root, "games/claude-monet")), "300"])
  const { sessions, why } = await look()
  expect(sessions).toEqual([])
  expect(why(pid)).toContain("has the client's name")
})

test("the client's binary acting as rg in a tool is no session", async () => {
  const { pid } = shellClient(machine, idle, { argv0: "rg" })
  const { sessions, why } = await look()
  expect(sessions).toEqual([])
  expect(why(pid)).toBe("the client's binary acting as rg")
})

test.each(["mcp", "update", "doctor"])("claude %s holds no conversation", async (use) => {
  const folder = join(machine.root, "work")
  machine.write(join(folder, use), idle) // the fake client is a shell: its first argument is what it runs
  const program = machine.copy("/bin/bash", join(machine.root, "shell/claude-code-linux-x64/claude"))
  const { pid } = machine.start([program, use, "serve"], { cwd: folder })
  const { sessions, why } = await look()
  expect(sessions).toEqual([])
  expect(why(pid)).toBe(`runs "${use}", which holds no conversation`)
})

describe("a child of a client that is the same program", () => {
  const forking = "exec 3<&0; (read -r line <&3) & read -r line"
  const fork = async () => {
    const client = shellClient(machine, forking)
    const child = await until("a child", () => childrenOf(client.pid)[0])
    return { client, child }
  }

  test("is no session of its own", async () => {
    const { client, child } = await fork()
    machine.registry(client, sessionId(1))
    const { sessions, why } = await look()
    expect(sessions.map((each: { pid: number }) => each.pid)).toEqual([client.pid])
    expect(why(child)).toBe(`a child of the client ${client.pid}, without a registry file of its own`)
  })

  test("is one when it has a registry file of its own", async () => {
    const { client, child } = await fork()
    machine.registry(client, sessionId(1))
    machine.registry({ pid: child, procStart: statOf(child)[19] ?? "" }, sessionId(2))
    const { sessions } = await look()
    expect(sessions.map((each: { pid: number }) => each.pid).toSorted()).toEqual(
      [client.pid, child].toSorted(),
    )
  })
})

test("a zombie is no process: its session has crashed", async () => {
  const program = machine.copy("/bin/true", join(machine.root, "short/claude-code-linux-x64/claude"))
  const parent = machine.start(["sh", "-c", `'${program}' & exec sleep 300`])
  await named(parent.pid, "sleep")
  const pid = await until("a zombie", () => childrenOf(parent.pid).find((child) => statOf(child)[0] === "Z"))
  machine.registry({ pid, procStart: statOf(pid)[19] ?? "" }, sessionId(1))
  machine.transcript(sessionId(1))
  const { sessions } = await look()
  expect(sessions).toHaveLength(1)
  expect(sessions[0]).toMatchObject({ state: "ORPHANED", detail: "crashed", pid: null })
})
