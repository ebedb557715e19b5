import { afterEach, beforeEach, describe, expect, setDefaultTimeout, test } from "bun:test"
import { mkdirSync, renameSync } from "node:fs"
import { join } from "node:path"
import { brokenGuarantees, committed, leftovers } from "../export/export-invariants.ts"
import { isInstalled } from "../faults/harness/installed.ts"
import { sessionId } from "../fixtures/talk/conversation.ts"
import { until } from "../fixtures/until.ts"
import { client, isThere, type KnownClient, writesOnTerm } from "../kill/harness/clients.ts"
import { type MenuHarness, openMenuHarness } from "./menu-harness.ts"

setDefaultTimeout(60_000)

describe.if(isInstalled("tmux"))("the list, with real keys", () => {
  let menu: MenuHarness
  let target: KnownClient
  beforeEach(async () => {
    menu = await openMenuHarness()
    mkdirSync(join(menu.machine.root, "one"))
    target = await client(menu.machine, sessionId(1), writesOnTerm, { cwd: join(menu.machine.root, "one") })
    process.kill(target.pid, "SIGSTOP") // which is hung
    menu.machine.transcript(sessionId(2), { cwd: "/work/two", age: 3_600_000 })
    menu.machine.transcript(sessionId(3), { cwd: "/work/three", age: 7_200_000 })
  })
  afterEach(() => menu.close())

  test("a hung session is shown first, exported, ended and its resume line shown with a key each", async () => {
    const { terminal, machine } = menu
    await menu.menu()
    const [head, first] = terminal.screen().split("\n")
    expect(head).toStartWith("1 hung · 2 closed (2 not saved)")
    expect(first).toMatch(/^❯ {3}HUNG +suspended +please mend the login page/)
    expect(terminal.screen()).toContain(`a0000001 · pid ${target.pid} · no terminal`)
    await menu.press("e", "1 session saved and verified")
    expect(committed(machine)).toHaveLength(1)
    await menu.press("k", "● No")
    expect(terminal.screen()).toContain(`End a0000001 (pid ${target.pid}, no terminal)?`)
    expect(terminal.screen()).toMatch(/Saved and verified: \d+ B/)
    await menu.press("Left", "● Yes, end it")
    expect(isThere(target.pid)).toBe(true)
    await menu.press("Enter", "1 session saved and ended")
    expect(isThere(target.pid)).toBe(false)
    expect(terminal.screen()).toMatch(/^❯ {3}ORPHANED .*\/one/m) // the cursor stays on it
    await menu.press("r", `cd '${join(machine.root, "one")}' && claude --resume ${sessionId(1)}`)
    await menu.press("Enter", "to resume it: session-rescue resume a0000001") // not here: No is the default
    await menu.press("Escape", "exit=0")
    expect(terminal.screen()).toContain("1 session ended")
    expect(terminal.screen()).toContain("Next: session-rescue --resume a0000001")
    expect([...brokenGuarantees(machine), ...leftovers(machine)]).toEqual([])
    await menu.expectSane()
  })

  test("filtered by typing, two marked, both exported at once", async () => {
    const { terminal } = menu
    await menu.menu()
    terminal.keys("/", "w", "o", "r", "k", "/")
    await terminal.shows("filter: work/")
    await terminal.shows("· 2 match")
    expect(terminal.screen()).not.toContain("HUNG")
    await menu.press("Enter", "e export  k kill")
    await menu.press("Space", "1 session marked")
    await menu.press("Tab", "2 sessions marked")
    expect(terminal.screen().match(/^. ◼ ORPHANED/gm)).toHaveLength(2)
    await menu.press("e", "2 sessions saved and verified")
    expect(committed(menu.machine)).toHaveLength(2)
    expect(committed(menu.machine).join()).not.toContain(sessionId(1))
    await menu.press("Escape", /^1 hung · 2 closed +\d\d:\d\d$/m) // one step back: all rows again
    await menu.press("Escape", "exit=0")
  })

  test("a filter that fits nothing is said, and no key acts on anything", async () => {
    await menu.menu()
    menu.terminal.keys("/", "x", "y", "z")
    await menu.terminal.shows("· 0 match")
    await menu.terminal.shows("No match: Esc removes the filter.")
    await menu.press("Enter", "filter: xyz")
    menu.terminal.keys("e", "k", "r", "Enter", "a")
    await menu.press("/", "filter: xyz█")
    await menu.press("Escape", /^❯ {3}HUNG/m)
    await menu.press("q", "exit=0")
    expect(menu.terminal.screen()).toContain("Exited: nothing was exported or ended.")
    expect(committed(menu.machine)).toEqual([])
  })

  test("all marked and exported: everything listed is saved, and that is said", async () => {
    await menu.menu()
    await menu.press("a", "3 sessions marked")
    await menu.press("e", "3 sessions saved and verified")
    expect(committed(menu.machine)).toHaveLength(3)
    await menu.press("C-c", "exit=130")
    expect(menu.terminal.screen()).toContain("Interrupted: 3 exports verified.")
    await menu.expectSane()
  })

  test("two marked are ended with one question, each saved before", async () => {
    const { machine, terminal } = menu
    const other = await client(machine, sessionId(4), writesOnTerm, { cwd: join(machine.root, "one") })
    await menu.menu()
    await menu.press("a", "4 sessions marked")
    await menu.press("k", "● No")
    expect(terminal.screen()).toContain("End 2 sessions?")
    for (const { pid } of [target, other]) expect(terminal.screen()).toContain(`(pid ${pid}, no terminal)`)
    expect(committed(machine)).toHaveLength(2)
    expect([target, other].map(({ pid }) => isThere(pid))).toEqual([true, true])
    await menu.press("Left", "● Yes, end all 2")
    await menu.press("Enter", "2 sessions saved and ended")
    expect([target, other].map(({ pid }) => isThere(pid))).toEqual([false, false])
    await menu.press("q", "exit=0")
    expect(terminal.scrollback().match(/End .*\?/g)).toEqual(["End 2 sessions?"])
    expect([...brokenGuarantees(machine), ...leftovers(machine)]).toEqual([])
  })

  test.each(["Enter", "Escape", "C-d", "C-c"])("at the question of a kill %s means No", async (key) => {
    await menu.menu()
    await menu.press("k", "● No")
    await menu.press(key, key === "C-c" ? "exit=130" : "nothing was ended")
    expect([isThere(target.pid), committed(menu.machine).length]).toEqual([true, 1])
    if (key !== "C-c") await menu.press("C-c", "exit=130")
    const left = menu.terminal.screen()
    expect(left).toContain("DECLINED")
    expect(left).toContain("Interrupted: 1 export verified.")
    expect(left).not.toContain("Yes")
    if (key !== "Enter") expect(left).toContain("cancelled")
    await menu.expectSane()
  })

  test.each(["Escape", "C-d", "C-c"])("%s at the question about several means No for each", async (key) => {
    const { machine, terminal } = menu
    const other = await client(machine, sessionId(4), writesOnTerm, { cwd: join(machine.root, "one") })
    await menu.menu()
    await menu.press("a", "4 sessions marked")
    await menu.press("k", "End 2 sessions?")
    await menu.press(key, key === "C-c" ? "exit=130" : "nothing was ended")
    if (key !== "C-c") await menu.press("q", "exit=0")
    expect([target, other].map(({ pid }) => isThere(pid))).toEqual([true, true])
    expect(terminal.screen()).not.toContain("Yes")
    expect(terminal.screen()).toContain("cancelled")
    await menu.expectSane()
  })

  test("a session that exits while its question is open is said, not crashed", async () => {
    await menu.menu()
    await menu.press("k", "● No")
    await target.end()
    await menu.press("Left", "● Yes, end it")
    await menu.press("Enter", /^❯ {3}ORPHANED .*\/one/m)
    await menu.press("q", "exit=0")
    expect(menu.terminal.screen()).toContain("it had already exited")
    expect([...brokenGuarantees(menu.machine), ...leftovers(menu.machine)]).toEqual([])
  })

  test("a session that exits while the list is open is shown closed, without a key; kill says so", async () => {
    await menu.menu()
    await target.end()
    await menu.terminal.shows(/^❯ {3}ORPHANED .*\/one/m)
    await menu.press("k", "it is not running")
    await menu.press("e", "1 session saved and verified")
    await menu.press("C-c", "exit=130")
    expect(menu.terminal.screen()).toContain("Interrupted: 1 export verified.")
  })

  test("one that was archived in this visit is still listed, and its resume line is shown", async () => {
    const { machine, terminal } = menu
    await menu.menu()
    await menu.press("Down", /^❯ {3}ORPHANED .*\/two/m)
    await menu.press("e", "1 session saved and verified")
    const [pending, archive] = ["pending", "archive"].map((kind) =>
      join(machine.data, `sessions-export-${kind}-anthropic`),
    ) as [string, string]
    renameSync(pending, archive) // as processing them does in the end
    await terminal.shows(/^❯ {3}COMPLETED .*\/two/m)
    await menu.press("r", `claude --resume ${sessionId(2)}`)
    await menu.press("C-c", "exit=130")
  })

  test("resized in the middle, narrower and wider, it goes on", async () => {
    await menu.menu()
    for (const [columns, rows] of [
      [60, 24],
      [40, 15],
      [200, 50],
      [100, 30],
    ] as const) {
      menu.terminal.resize(columns, rows)
      await until(`${rows} rows`, () =>
        menu.terminal.screen().split("\n")[rows - 1]?.startsWith("e export  k kill"),
      )
      await menu.press("End", /^❯ {3}(ORPHANED|closed) /m)
      await menu.press("Home", /^❯ {3}HUNG/m)
    }
    await menu.press("Escape", "exit=0")
  })
})
