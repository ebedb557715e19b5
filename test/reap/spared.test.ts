/** What reap never ends, or only when it is named: whatever somebody may still need. */
import { afterEach, beforeEach, expect, setDefaultTimeout } from "bun:test"
import { readFileSync } from "node:fs"
import { join } from "node:path"
import { idle, shellClient } from "../fixtures/fake-clients.ts"
import { binary } from "../fixtures/machine.ts"
import { childrenOf, descendantsOf, startTick } from "../fixtures/processes.ts"
import { sessionId } from "../fixtures/talk/conversation.ts"
import { until } from "../fixtures/until.ts"
import { client, isThere } from "../kill/harness/clients.ts"
import { describe, test } from "./isolated.ts"
import { LeavingMachine, listed } from "./leftover-processes.ts"

setDefaultTimeout(60_000)
const [id, other] = [sessionId(1), sessionId(2)]
let machine: LeavingMachine
beforeEach(() => {
  machine = new LeavingMachine()
})
afterEach(() => machine.dispose())

/** Ends all that is certain, and says which of these live on. */
async function living(...pids: readonly number[]): Promise<readonly boolean[]> {
  expect((await machine.run(["reap", "--force"])).code).toBe(0)
  return pids.map(isThere)
}

test("the servers, tools and hooks of a living client, however many, beside what another has left", async () => {
  const { server, hook, tool } = machine.starts
  const script = [server("one", other), tool("tool", other), hook("hook", other)]
  // bash has but one coproc at a time, which it says; the second server has pipes all the same
  await client(machine, other, [...script, server("two", other), idle].join("\n"))
  const theirs = await Promise.all(["one", "two", "tool", "hook"].map((name) => machine.pidOf(name)))
  const [left = 0] = await machine.crashed(id, server("left", id), ["left"])
  expect([...(await listed(machine)).keys()]).toEqual([left])
  expect(await living(left, ...theirs)).toEqual([false, true, true, true, true])
})

describe("a conversation that goes on in a new client", () => {
  const anew = async (script = "") => client(machine, id, `${script}\n${idle}`)

  test("has left the servers of the old one; those of the new one are its own", async () => {
    const [old = 0] = await machine.crashed(id, machine.starts.server("old", id), ["old"])
    await anew(machine.starts.server("new", id))
    const fresh = await machine.pidOf("new")
    expect([...(await listed(machine)).keys()]).toEqual([old])
    expect(await living(old, fresh)).toEqual([false, true])
  })

  test("told by their start where a server does not name its client (before 2.1.332)", async () => {
    const nameless = (name: string) =>
      machine.starts.server(name, id).replace(/CLAUDE_CODE_MESSAGING_SOCKET=\S+/, "")
    const [old = 0] = await machine.crashed(id, nameless("old"), ["old"])
    const without = (script: string) => script.replace(/CLAUDE_PID=\S+/, "")
    await anew(without(machine.starts.detached("new", id)))
    const fresh = await machine.pidOf("new")
    const seen = await listed(machine)
    expect([...seen.keys()]).toEqual([old])
    expect(seen.get(old)?.why).toContain("it is older than the client that holds its session now")
    expect(await living(old, fresh)).toEqual([false, true])
  })

  test("a server of a client that has another conversation now is that client's (before 2.1.332)", async () => {
    const nameless = machine.starts.server("server", other).replace(/CLAUDE_CODE_MESSAGING_SOCKET=\S+/, "")
    await anew(nameless)
    const server = await machine.pidOf("server")
    expect((await listed(machine)).size).toBe(0)
    expect(await living(server)).toEqual([true])
  })

  test("what the new client has left to itself is that client's, also once it has another conversation", async () => {
    const now = await anew(machine.starts.detached("server", id))
    const server = await machine.pidOf("server")
    expect((await listed(machine)).has(server)).toBe(false)
    machine.registry(now, other) // as /clear does
    expect((await listed(machine)).has(server)).toBe(false)
  })
})

describe("not sure, and so only when it is named", () => {
  test("a server that a tool started in the background: it may serve a person", async () => {
    const [server = 0] = await machine.crashed(id, machine.starts.detached("server", id), ["server"])
    const { code, stdout } = await machine.run(["reap"])
    expect([code, isThere(server)]).toEqual([0, true])
    expect(stdout).toContain(`NOT SURE   started by a session · pid ${server} `)
    expect(stdout).toContain(`Next: session-rescue reap ${server} `)
    expect(await living(server)).toEqual([true])
    expect((await machine.run(["reap", String(server), "--force"])).code).toBe(0)
    expect(isThere(server)).toBe(false)
  })

  test.skipIf(Bun.which("python3") === null)("a tool that listens on a port", async () => {
    const port = join(machine.root, "port")
    const script = machine.write(
      join(machine.root, "serve.py"),
      `import socket, time\ns = socket.socket(); s.bind(("127.0.0.1", 0)); s.listen()\nopen(${JSON.stringify(port)}, "w").write(str(s.getsockname()[1]))\ntime.sleep(300)`,
    )
    const [tool = 0] = await machine.crashed(id, machine.starts.tool("tool", id, `python3 ${script}`), [
      "tool",
    ])
    const number = await until("its port", () =>
      Bun.file(port)
        .text()
        .catch(() => ""),
    )
    expect((await listed(machine)).get(tool)).toMatchObject({
      kind: "tool",
      standing: "unsure",
      but: `it listens on port ${number}, which may be in use`,
    })
    expect(await living(tool)).toEqual([true])
  })

  test("a loop that a tool has forked off, which looks like the tool itself", async () => {
    const loop = `(echo $BASHPID > "${machine.pidFile("loop")}"; while sleep 1; do :; done) & exit 0`
    const [, forked = 0] = await machine.crashed(id, machine.starts.tool("tool", id, loop), ["tool", "loop"])
    expect((await listed(machine)).get(forked)).toMatchObject({ kind: "other", standing: "unsure" })
    expect(await living(forked)).toEqual([true])
  })

  test("a server beside a client of which nobody can tell what it holds", async () => {
    shellClient(machine, idle)
    const nameless = machine.starts.server("old", id).replace(/CLAUDE_CODE_MESSAGING_SOCKET=\S+/, "")
    const [old = 0] = await machine.crashed(id, nameless, ["old"])
    expect((await listed(machine)).get(old)).toMatchObject({
      standing: "unsure",
      but: expect.stringContaining("it may belong to the client"),
    })
    expect(await living(old)).toEqual([true])
  })

  test("one whose input somebody still holds", async () => {
    const fifo = join(machine.root, "fifo")
    Bun.spawnSync(["mkfifo", fifo])
    const run = `exec sleep 304 < "${fifo}" > "${fifo}"`
    const [server = 0] = await machine.crashed(
      id,
      machine.starts.detached("server", id, `(exec 9<> "${fifo}"; ${run})`),
      ["server"],
    )
    expect((await listed(machine)).get(server)).toMatchObject({ kind: "other", standing: "unsure" })
  })
})

describe("never, also when it is named", () => {
  async function kept(pid: number, but: RegExp) {
    expect((await listed(machine)).get(pid)).toMatchObject({
      standing: "kept",
      but: expect.stringMatching(but),
      outcome: "left",
    })
    expect(await living(pid)).toEqual([true])
    const named = await machine.run(["reap", String(pid), "--force"])
    expect([named.code, named.stderr]).toEqual([4, expect.stringMatching(but)])
    expect(isThere(pid)).toBe(true)
  }

  test.skipIf(Bun.which("tmux") === null)(
    "a tmux server that a tool started, with what a person has in it",
    async () => {
      const socket = join(machine.root, "tmux.sock")
      const run = `tmux -S "${socket}" -f /dev/null new-session -d "exec sleep 306"; tmux -S "${socket}" display -p "#{pid}" > "${machine.pidFile("tmux")}"`
      await machine.crashed(id, machine.starts.detached("starter", id, run), ["tmux"])
      const server = await machine.pidOf("tmux")
      const [pane = 0] = childrenOf(server)
      await kept(server, /it holds a terminal that may be in use: pts\/\d+ \(pid \d+, sleep\)/)
      expect(isThere(pane)).toBe(true)
    },
  )

  test("a tool below which a session runs", async () => {
    const program = machine.copy("/bin/bash", join(machine.root, "inner/claude-code-linux-x64/claude"))
    const script = machine.write(join(machine.root, "inner.sh"), idle.replace("read -r line", "sleep 1"))
    const [tool = 0] = await machine.crashed(
      id,
      machine.starts.tool("tool", id, `"${program}" "${script}"`),
      ["tool"],
    )
    const [inner = 0] = await until("the inner one", () => childrenOf(tool).length === 1 && childrenOf(tool))
    machine.registry({ pid: inner, procStart: startTick(inner) }, other)
    await kept(tool, /a session runs below it \(pid \d+, claude\)/)
    expect(isThere(inner)).toBe(true)
  })

  test("a tool below which something of a session that goes on runs", async () => {
    const now = await client(machine, other)
    const mark = `CLAUDE_CODE_SESSION_ID=${other} CLAUDE_PID=${now.pid}`
    const [tool = 0] = await machine.crashed(
      id,
      machine.starts.tool("tool", id, `sleep 0.1; env ${mark} sleep 307`),
      ["tool"],
    )
    await until("it to run", () =>
      descendantsOf(tool).some((pid) => readFileSync(`/proc/${pid}/cmdline`, "utf8").includes("307")),
    )
    await kept(tool, /belongs to a running session/)
  })

  test("what is at a terminal", async () => {
    const at = machine.start(["bash", "-c", `echo $$ > "${machine.pidFile("editor")}"; exec sleep 308`], {
      env: { CLAUDE_CODE_SESSION_ID: id },
      terminal: { cols: 80, rows: 24, data() {} },
    })
    await kept(await machine.pidOf("editor"), /it is attached to a terminal that may be in use: pts\/\d+/)
    expect(isThere(at.pid)).toBe(true)
  })
})

test("this very program, while it saves a session that has ended", async () => {
  const program = machine.copy("/bin/sleep", join(machine.root, "bin/session-rescue"))
  const run = `exec "${program}" 309`
  const [saving = 0] = await machine.crashed(id, machine.starts.detached("saving", id, run), ["saving"])
  await until("it to run", () => readFileSync(`/proc/${saving}/cmdline`, "utf8").startsWith(program))
  expect((await listed(machine)).has(saving)).toBe(false)
  expect((await machine.run(["reap", String(saving), "--force"])).code).toBe(4)
  expect(isThere(saving)).toBe(true)
})

describe("around ourselves", () => {
  /** In a terminal of its own. */
  async function inTerminal(script: string, env: Record<string, string> = {}): Promise<string> {
    let shown = ""
    const shell = machine.start(["bash", "-c", script], {
      env: { SESSION_RESCUE_DATA: machine.data, TERM: "xterm", ...env },
      terminal: {
        cols: 200,
        rows: 40,
        data(_, bytes) {
          shown += Buffer.from(bytes).toString()
        },
      },
    })
    expect(await shell.exited).toBe(0)
    return shown
  }

  test("a server that shares our terminal", async () => {
    const file = machine.pidFile("server")
    const mark = `CLAUDE_CODE_SESSION_ID=${id}`
    const serve = `coproc S { exec env ${mark} bash -c 'trap "" HUP; echo $$ > "${file}"; exec sleep 301'; } 2>/dev/null`
    const closed = "exec {S[0]}<&- {S[1]}>&-"
    const shown = await inTerminal(
      `${serve}; until [ -s "${file}" ]; do :; done; ${closed}; "${binary}" reap --force; echo "code $?"`,
    )
    const server = await machine.pidOf("server")
    expect(shown).toMatch(new RegExp(`KEPT .*MCP or language server - pid ${server} `))
    expect(shown).toContain("it shares this terminal: ask from another terminal")
    expect(shown).toContain("Next: session-rescue reap   (run it in another terminal")
    expect([shown.includes("code 0"), isThere(server)]).toEqual([true, true])
    expect((await listed(machine)).get(server)?.standing).toBe("certain")
  })

  test("what we run in", async () => {
    const shown = await inTerminal(`"${binary}" reap --force; echo "code $?"`, { CLAUDE_CODE_SESSION_ID: id })
    expect(shown).toContain("this program runs inside it")
    expect(shown).toContain("code 0")
  })
})
