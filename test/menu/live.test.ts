/** What changes while the list is open, and the keys that lead to a session or silence it. */
import { afterEach, beforeEach, describe, expect, setDefaultTimeout, test } from "bun:test"
import { rmSync } from "node:fs"
import { join } from "node:path"
import { isInstalled } from "../faults/harness/installed.ts"
import { idle } from "../fixtures/fake-clients.ts"
import { startTick } from "../fixtures/processes.ts"
import { sessionId } from "../fixtures/talk/conversation.ts"
import { until } from "../fixtures/until.ts"
import { client, clientIn, isThere, type KnownClient } from "../kill/harness/clients.ts"
import { openTerminal } from "../real-client/harness/terminal.ts"
import { type MenuHarness, openMenuHarness } from "./menu-harness.ts"

setDefaultTimeout(60_000)

describe.if(isInstalled("tmux"))("the list is live", () => {
  let menu: MenuHarness
  let first: KnownClient
  beforeEach(async () => {
    menu = await openMenuHarness()
    first = await client(menu.machine, sessionId(1), idle, { cwd: "/work/first" })
  })
  afterEach(() => menu.close())

  test("a session that starts, crashes and is resumed elsewhere is shown without a key", async () => {
    const { machine, terminal } = menu
    await menu.menu()
    expect(terminal.screen()).toMatch(/^1 waiting +\d\d:\d\d$/m)
    const second = await client(machine, sessionId(2), idle, { cwd: "/work/second" })
    await terminal.shows(/^2 waiting +\d\d:\d\d$/m)
    await terminal.shows(/^. {3}ACTIVE .* \/work\/second /m)
    await second.end() // and leaves its registry file, as what crashes does
    await terminal.shows(/^1 crashed · 1 waiting/m)
    await terminal.shows(/^. {3}ORPHANED +crashed .* \/work\/second /m)
    expect(terminal.screen()).toMatch(/^❯ {3}ACTIVE .* \/work\/first /m) // the cursor stays on its session
    expect(isThere(first.pid)).toBe(true)
    process.kill(first.pid, "SIGSTOP")
    await terminal.shows(/^❯ {3}HUNG +suspended .* \/work\/first /m)
    process.kill(first.pid, "SIGCONT")
    await terminal.shows(/^❯ {3}ACTIVE .* \/work\/first /m)
    await menu.press("q", "exit=0")
  })

  test("status --watch shows the first session of an empty machine without a key", async () => {
    const { machine, terminal } = menu
    await first.end()
    rmSync(machine.claude, { recursive: true })
    await menu.menu("status", "--watch")
    await terminal.shows("No session was found.")
    await client(machine, sessionId(2), idle, { cwd: "/work/second" })
    await terminal.shows(/^❯ {3}ACTIVE .* \/work\/second /m)
    await menu.press("Escape", "exit=0")
  })

  test("status --watch keeps to what was asked for, also as sessions come", async () => {
    const { machine, terminal } = menu
    await menu.menu("status", "--watch", "--project", "second")
    await terminal.shows("No session was found.")
    await client(machine, sessionId(2), idle, { cwd: "/work/second" })
    await terminal.shows(/^❯ {3}ACTIVE .* \/work\/second /m)
    expect(terminal.screen()).not.toContain("/work/first")
    await menu.press("Escape", "exit=0")
  })

  test("a dismissed alarm stays dismissed, also in the next list, until there is new activity", async () => {
    const { machine, terminal } = menu
    await first.end()
    await menu.menu()
    expect(terminal.screen()).toMatch(/^1 crashed +\d\d:\d\d$/m)
    await menu.press("d", "1 alarm dismissed; new activity raises it again")
    await terminal.shows(/^1 closed \(1 not saved\) +\d\d:\d\d$/m)
    await menu.press("q", "exit=0")
    await terminal.line("clear")
    await menu.menu()
    expect(terminal.screen()).toMatch(/^1 closed \(1 not saved\) +\d\d:\d\d$/m)
    await menu.press("d", "only the alarm of a crashed session is dismissed")
    machine.transcript(sessionId(1), { cwd: "/work/first", age: 0 })
    await terminal.shows(/^1 crashed +\d\d:\d\d$/m)
    await menu.press("q", "exit=0")
  })

  /** A session in a tmux pane of its own, and the name of its tmux session. */
  async function inPane(): Promise<string> {
    const { machine, tmux } = menu
    const theirs = await openTerminal(tmux, machine.root)
    machine.copy("/bin/bash", join(machine.root, "claude"))
    await theirs.line(`./claude -c '${idle}'`)
    const pid = await clientIn(theirs)
    machine.transcript(sessionId(2), { cwd: machine.root })
    machine.registry({ pid, procStart: startTick(pid) }, sessionId(2), { cwd: machine.root })
    return sessionOf(theirs.tty)
  }

  const sessionOf = (tty: string) =>
    menu.tmux
      .run("list-panes", "-a", "-F", "#{session_name} /dev/#{s|/dev/||:pane_tty}")
      .split("\n")
      .find((line) => line.endsWith(`/dev/${tty}`))
      ?.split(" ")[0] ?? ""

  /** What the attached tmux clients show. */
  const attachedTo = () => menu.tmux.run("list-clients", "-F", "#{session_name}").split("\n")

  test("o switches to the tmux pane of a session, and the list stays where it was", async () => {
    const { machine, terminal } = menu
    await first.end()
    const theirs = await inPane()
    const mine = sessionOf(terminal.tty)
    const attach = ["tmux", "-S", join(machine.root, "tmux"), "attach-session", "-t", mine]
    machine.start(attach, { env: { TERM: "xterm-256color" }, terminal: { cols: 160, rows: 48 } })
    await until("a person at the list", () => attachedTo().includes(mine))
    await menu.menu()
    await menu.press("End", /^❯ .* a0000002$/m)
    await menu.press("Home", /^❯.*ORPHANED .* a0000001$/m)
    await menu.press("Down", new RegExp(`^❯.*ACTIVE .* ${theirs}:0\\.0 .* a0000002$`, "m"))
    terminal.keys("o")
    await until("the person to be there", () => attachedTo().join() === theirs)
    await menu.press("Up", /^❯ .* a0000001$/m)
    await menu.press("q", "exit=0")
  })

  test("outside of tmux o shows the pane right here, and the list again after that", async () => {
    const { terminal, tmux } = menu
    await first.end()
    const theirs = await inPane()
    await terminal.line("unset TMUX")
    await menu.menu()
    await menu.press("Down", /^❯ .* a0000002$/m)
    terminal.keys("o")
    await until("the pane to be shown", () => attachedTo().join() === theirs)
    tmux.run("detach-client", "-s", theirs)
    await terminal.shows(/^❯ .* a0000002$/m)
    await menu.press("Up", /^❯ .* a0000001$/m)
    await menu.press("C-c", "exit=130")
    await menu.expectSane()
  })

  test("o with nobody attached tells the pane", async () => {
    await first.end()
    const theirs = await inPane()
    await menu.menu()
    await menu.press("Down", /^❯ .* a0000002$/m)
    await menu.press("o", `it is in tmux, pane ${theirs}:0.0`)
    await menu.press("q", "exit=0")
  })

  test("o tells the place of a session that has no pane, and of one that does not run", async () => {
    menu.machine.transcript(sessionId(2), { age: 3_600_000 })
    await menu.menu()
    await menu.press("o", `it runs without a terminal (pid ${first.pid})`)
    await menu.press("Down", /^❯ {3}ORPHANED/m)
    await menu.press("o", "it is not running: r resumes it")
    await menu.press("q", "exit=0")
  })
})
