import { afterEach, beforeEach, describe, expect, setDefaultTimeout, test } from "bun:test"
import { existsSync, readFileSync } from "node:fs"
import { join } from "node:path"
import { isInstalled } from "../../faults/harness/installed.ts"
import { idle } from "../../fixtures/fake-clients.ts"
import { binary, Machine } from "../../fixtures/machine.ts"
import { childrenOf } from "../../fixtures/processes.ts"
import { sessionId } from "../../fixtures/talk/conversation.ts"
import { until } from "../../fixtures/until.ts"
import { openTerminal, type Terminal } from "../../real-client/harness/terminal.ts"
import { privateTmux, type Tmux } from "../../real-client/harness/tmux.ts"
import { client, clientIn, isThere } from "../harness/clients.ts"
import { killing, watched } from "../harness/signals.ts"

setDefaultTimeout(30_000)
let machine: Machine
beforeEach(() => {
  machine = new Machine()
})
afterEach(() => machine.dispose())

const id = sessionId(1)
const quoted = (words: readonly string[]) => words.map((word) => `'${word}'`).join(" ")

describe("asked from a tool of the session itself", () => {
  test.each(["no new process group", "a session of its own, as the client's tools have"])(
    "(%s) it is refused",
    async (kind) => {
      const strace = watched(machine)
      const out = join(machine.root, "out")
      const tool = kind.startsWith("a session") ? "setsid -w" : ""
      const ask = quoted([
        ...strace.program,
        binary,
        "kill",
        id,
        "--force",
        "--json",
        "--data-dir",
        machine.data,
      ])
      const script = `${tool} ${ask} > ${out}.part 2> ${out}.err; echo $? > ${out}.code; mv ${out}.part ${out}; ${idle}`
      const { pid } = await client(machine, id, script)
      await until("its answer", () => existsSync(out))
      const { kills } = JSON.parse(readFileSync(out, "utf8"))
      expect(kills).toMatchObject([{ pid, outcome: "refused", reason: "this program runs inside it" }])
      expect(kills[0].hint).toContain("another terminal")
      expect([readFileSync(`${out}.code`, "utf8").trim(), strace.signals(), isThere(pid)]).toEqual([
        "4",
        [],
        true,
      ])
      expect(existsSync(machine.data)).toBe(false)
    },
  )

  test("also by the pid of the shell that asks, which is no session", async () => {
    const strace = watched(machine)
    const shell = ["sh", "-c", '"$@" --force $$; exit $?', "sh"]
    const args = [...shell, ...strace.program, binary, "kill"]
    const child = machine.start(["sh", "-c", `${quoted(args)} 2> err; echo $? > code`])
    await child.exited
    const read = (name: string) => readFileSync(join(machine.root, name), "utf8")
    expect([read("code").trim(), strace.signals()]).toEqual(["4", []])
    expect(read("err")).toContain("this program runs inside it")
  })
})

describe("where CLAUDE_CODE_SESSION_ID names it", () => {
  test("it is refused, and the line to type where a shell has only inherited that", async () => {
    const { pid } = await client(machine, id)
    const env = { CLAUDE_CODE_SESSION_ID: id }
    const { code, stdout, signals } = await killing(machine, [String(pid), "--force"], { env })
    expect([code, signals, isThere(pid)]).toEqual([4, [], true])
    expect(stdout).toContain("REFUSED")
    expect(stdout).toContain("env -u CLAUDE_CODE_SESSION_ID session-rescue kill")
  })

  test("every other session may still be ended", async () => {
    await client(machine, id)
    const other = await client(machine, sessionId(2), idle, { cwd: "/work/two" })
    const env = { CLAUDE_CODE_SESSION_ID: id }
    const { code } = await machine.run(["kill", String(other.pid), "--force"], { env })
    expect([code, isThere(other.pid)]).toEqual([0, false])
  })
})

describe.if(isInstalled("tmux"))("in the terminal of the session", () => {
  let tmux: Tmux
  let terminal: Terminal
  beforeEach(async () => {
    const env = {
      PATH: process.env.PATH ?? "",
      HOME: machine.home,
      PS1: "shell-ready> ",
      TERM: "xterm-256color",
    }
    tmux = await privateTmux(machine.root, { ...env, LANG: "C.UTF-8", SESSION_RESCUE_DATA: machine.data })
    terminal = await openTerminal(tmux, machine.root)
    machine.copy("/bin/bash", join(machine.root, "claude"))
    machine.transcript(id)
    await terminal.line(`./claude -c '${idle}'`)
    const pid = await clientIn(terminal)
    machine.registry({ pid, procStart: "" }, id, { procStart: undefined, startedAt: Date.now() })
  })
  afterEach(() => tmux.close())

  async function asked(...args: string[]) {
    const strace = watched(machine)
    await terminal.line(`${strace.program.join(" ")} ${binary} kill ${args.join(" ")}; echo "exit=$?"`)
    await terminal.shows(/^exit=\d/m)
    return { screen: terminal.screen(), signals: strace.signals() }
  }

  test("when it is suspended there, it is refused with the way out in words", async () => {
    const pid = await terminal.child()
    terminal.keys("C-z")
    await terminal.shows("Stopped")
    const { screen, signals } = await asked(String(pid), "--force")
    expect(screen).toContain("exit=4")
    expect(screen).toContain("it is suspended in this very terminal")
    expect(screen).toContain("type fg and leave it with /exit")
    expect([signals, isThere(pid)]).toEqual([[], true])
  })

  test("when it runs there in the background, it is refused too", async () => {
    const pid = await terminal.child()
    terminal.keys("C-z")
    await terminal.shows("Stopped")
    await terminal.line("bg; clear")
    const { screen, signals } = await asked(terminal.tty, "--force")
    expect([screen.includes("exit=4"), signals, isThere(pid)]).toEqual([true, [], true])
  })

  test("with another client in it, the terminal names neither: both are listed", async () => {
    const pid = await terminal.child()
    terminal.keys("C-z")
    await terminal.shows("Stopped")
    await terminal.line(`./claude -c '${idle}'`)
    const both = await until(
      "both",
      () => childrenOf(terminal.shellPid).length === 2 && childrenOf(terminal.shellPid),
    )
    const { code, stderr, signals } = await killing(machine, [terminal.tty, "--force"])
    expect([code, signals, both.map(isThere)]).toEqual([2, [], [true, true]])
    for (const each of both) expect(stderr).toContain(`pid ${each} ${terminal.tty}`)
    expect((await machine.run(["kill", String(pid), "--force"])).code).toBe(0)
    expect(both.map(isThere)).toEqual(both.map((each) => each !== pid))
  })

  test("from another terminal it is ended", async () => {
    const pid = await terminal.child()
    terminal.keys("C-z")
    await terminal.shows("Stopped")
    const { code, json } = await machine.run(["kill", terminal.tty, "--force", "--json"])
    expect([code, json.kills[0]]).toMatchObject([0, { pid, outcome: "ended" }])
  })
})
