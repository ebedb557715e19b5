/** On a terminal: the question, the countdown, and what a killed client leaves behind. */
import { afterEach, beforeEach, describe, expect, setDefaultTimeout, test } from "bun:test"
import { join } from "node:path"
import { committed } from "../export/export-invariants.ts"
import { isInstalled } from "../faults/harness/installed.ts"
import { binary, Machine } from "../fixtures/machine.ts"
import { childrenOf, startTick } from "../fixtures/processes.ts"
import { sessionId } from "../fixtures/talk/conversation.ts"
import { until } from "../fixtures/until.ts"
import { openTerminal, type Terminal } from "../real-client/harness/terminal.ts"
import { privateTmux, type Tmux } from "../real-client/harness/tmux.ts"
import {
  client,
  clientIn,
  ignoresTerm,
  isThere,
  type KnownClient,
  trapped,
  writesOnTerm,
} from "./harness/clients.ts"
import { hasStrace, watched } from "./harness/signals.ts"

setDefaultTimeout(60_000)
const id = sessionId(1)

describe.if(isInstalled("tmux"))("on a terminal", () => {
  let machine: Machine
  let tmux: Tmux
  let terminal: Terminal
  beforeEach(async () => {
    machine = new Machine()
    const env = {
      PATH: process.env.PATH ?? "",
      HOME: machine.home,
      PS1: "shell-ready> ",
      TERM: "xterm-256color",
    }
    tmux = await privateTmux(machine.root, { ...env, LANG: "C.UTF-8", SESSION_RESCUE_DATA: machine.data })
    terminal = await openTerminal(tmux, machine.root)
  })
  afterEach(async () => {
    await machine.dispose()
    await tmux.close()
  })

  describe("the question", () => {
    let target: KnownClient
    let strace: ReturnType<typeof watched>
    beforeEach(async () => {
      target = await client(machine, id, writesOnTerm)
      strace = watched(machine)
      await terminal.line(`${strace.program.join(" ")} ${binary} kill ${id.slice(0, 8)}; echo "exit=$?"`)
      await terminal.shows("Yes")
    })

    test("names the session, what it was doing, what is saved where, and what will happen", () => {
      const screen = terminal.screen().replace(/\s+/g, " ")
      expect(screen).toContain(`End ${id.slice(0, 8)} (pid ${target.pid}, no terminal)?`)
      expect(screen).toContain(
        'It is ACTIVE: waiting for you, last active 1 min ago, "please mend the login page"',
      )
      expect(screen).toMatch(/Saved and verified: \d+ B in \S+/)
      expect(screen).toContain("It gets TERM, and KILL if it has not exited after 10 s")
      expect([isThere(target.pid), committed(machine).length, strace.signals()]).toEqual([true, 1, []])
    })

    test.each([
      ["Enter", 0],
      ["Escape", 0],
      ["n", 0],
      ["C-c", 130],
    ])("%s means No: nothing is signalled, exit code %d", async (key, code) => {
      terminal.keys(key)
      await terminal.shows(`exit=${code}`)
      expect(terminal.screen()).toContain("DECLINED")
      expect([isThere(target.pid), committed(machine).length, strace.signals()]).toEqual([true, 1, []])
    })

    test("being told to end while it stands means No", async () => {
      const shellChild = await terminal.child()
      process.kill(hasStrace ? (childrenOf(shellChild)[0] ?? 0) : shellChild, "SIGTERM")
      await terminal.shows("exit=130")
      expect([isThere(target.pid), strace.signals()]).toEqual([true, []])
    })

    test("y means Yes", async () => {
      terminal.keys("y")
      await terminal.shows("exit=0")
      const screen = terminal.screen()
      expect(screen).toContain("ENDED")
      expect(screen).toContain(`Next: session-rescue --resume ${id.slice(0, 8)}`)
      expect(isThere(target.pid)).toBe(false)
    })
  })

  test("while it may still leave, the seconds until KILL are counted down, and are gone afterwards", async () => {
    const target = await client(machine, id, ignoresTerm)
    await terminal.line(`${binary} kill ${target.pid} --force --grace 20s; echo "exit=$?"`)
    await terminal.shows(/TERM sent; KILL in (20|1\d) s/)
    await terminal.shows(/TERM sent; KILL in 1\d s/)
    process.kill(target.pid, "SIGKILL")
    await terminal.shows("exit=0")
    expect(terminal.screen()).not.toContain("TERM sent")
    expect(terminal.screen()).toContain("ENDED")
  })

  const shells: [string, string[]][] = [
    ["bash", ["bash", "--norc", "--noprofile"]],
    ["dash", ["dash", "-i"]],
    ["zsh", ["zsh", "-f"]],
  ]
  const disorder = `stty raw -echo; printf '\\033[?1049h\\033[?25l\\033[?1000h'`

  describe.each(shells)("killed in %s", (shell, command) => {
    test.if(isInstalled(shell))(
      "a client that left it raw and on another screen: it is put right",
      async () => {
        const theirs = await openTerminal(tmux, machine.root, command)
        machine.copy("/bin/bash", join(machine.root, "claude"))
        machine.write(join(machine.root, "mess.sh"), `${disorder}; ${ignoresTerm}`)
        await theirs.line("./claude mess.sh")
        await until("the mess", () => theirs.modes() === "1 1 0")
        machine.transcript(id)
        const { code, json } = await machine.run(["kill", theirs.tty, "--force", "--json", "--grace", "50ms"])
        expect([code, json.kills[0]?.outcome, json.kills[0]?.terminal]).toEqual([0, "killed", "reset"])
        await until("the modes of a shell", () => theirs.modes() === "0 0 1")
        await theirs.line(
          "echo o''k; stty -a | tr ' ' '\\n' | grep -x -e '-*isig;*' -e '-*icanon;*' -e '-*echo;*'",
        )
        await theirs.shows(/^ok\n(isig\nicanon|icanon\nisig)/m)
        expect(theirs.screen()).toMatch(/^echo;?$/m)
      },
    )
  })

  test("killed while suspended, its terminal is its shell's: nothing is done to it, but the line is said", async () => {
    const theirs = await openTerminal(tmux, machine.root)
    machine.copy("/bin/bash", join(machine.root, "claude"))
    await theirs.line(`./claude -c '${ignoresTerm.replaceAll("'", `'\\''`)}'`)
    await trapped(await clientIn(theirs))
    theirs.keys("C-z")
    await theirs.shows("Stopped")
    const { stdout } = await machine.run(["kill", theirs.tty, "--force", "--grace", "50ms"])
    expect(stdout).toContain("KILLED")
    expect(stdout).toContain(`if ${theirs.tty} is garbled, type there: reset   (`)
  })

  describe("suspended by Ctrl-Z, and reading its terminal, which stops it again whenever it is continued", () => {
    let theirs: Terminal
    beforeEach(async () => {
      theirs = await openTerminal(tmux, machine.root)
      machine.copy("/bin/bash", join(machine.root, "claude"))
      machine.transcript(id)
      await theirs.line("./claude -c 'trap : TERM; while :; do read -r line; done'")
      const pid = await clientIn(theirs)
      machine.registry({ pid, procStart: startTick(pid) }, id)
      await trapped(pid)
      theirs.keys("C-z")
      await theirs.shows("Stopped")
    })

    test("it is saved and killed at once: its grace, an hour, is not waited for", async () => {
      const { code, json } = await machine.run(["kill", theirs.tty, "--force", "--json", "--grace", "1h"])
      const [{ outcome, reason, export: saved, terminal }] = json.kills
      expect([code, outcome, saved.status, terminal]).toEqual([0, "killed", "verified", "manual"])
      expect(reason).toBe("it was suspended, and was stopped again when it was continued to exit on TERM")
      await theirs.line("echo still-$((40 + 2))")
      await theirs.shows("still-42")
    })

    test("fg comes first: in status, its evidence, doctor, after an export and in the question", async () => {
      const said = `fg in ${theirs.tty}`
      const { stdout: status } = await machine.run(["status", "--explain"])
      expect(status).toContain(`${said} brings it back: it is stopped (Ctrl-Z or SIGSTOP)`)
      expect(status).toContain(`Next: ${said}   (or`)
      expect((await machine.run(["doctor"])).stdout).toContain(`→ ${said}   (brings it back)`)
      const { stdout: saved } = await machine.run(["export", theirs.tty])
      expect(saved).toContain(`Next: ${said}   (brings it back; it is suspended and saved)`)
      await terminal.line(`${binary} kill ${theirs.tty}; echo "exit=$?"`)
      await terminal.shows("Yes")
      expect(terminal.screen().replace(/\s+/g, " ")).toContain(`It is only suspended: ${said} brings it back`)
      terminal.keys("Enter")
      await terminal.shows("exit=0")
    })
  })
})
