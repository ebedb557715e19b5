import { afterEach, beforeEach, describe, expect, setDefaultTimeout, test } from "bun:test"
import { mkdirSync, renameSync } from "node:fs"
import { join } from "node:path"
import { brokenGuarantees, committed, leftovers } from "../export/export-invariants.ts"
import { isInstalled } from "../faults/harness/installed.ts"
import { sessionId } from "../fixtures/talk/conversation.ts"
import { client, isThere, type KnownClient, writesOnTerm } from "../kill/harness/clients.ts"
import { type MenuHarness, openMenuHarness } from "./menu-harness.ts"

setDefaultTimeout(60_000)

describe.if(isInstalled("tmux"))("the menu, with real keys", () => {
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

  test("a hung session is shown first, exported, ended and resumed with arrow keys and Enter alone", async () => {
    const { terminal, machine } = menu
    await menu.menu()
    const box = terminal.screen()
    expect(box).toContain("CLAUDE SESSIONS DETECTED")
    expect(box).toContain(`1. no terminal (PID ${target.pid}) - a0000001... (`)
    expect(box).toContain("(HUNG: suspended")
    await menu.press("Enter", "● Export")
    await menu.press("Enter", "● Kill")
    expect(terminal.screen()).toContain("verified")
    expect(committed(machine)).toHaveLength(1)
    await menu.press("Enter", "● No")
    expect(terminal.screen()).toContain(`End a0000001 (pid ${target.pid}, no terminal)?`)
    await menu.press("Left", "● Yes, end it")
    expect(isThere(target.pid)).toBe(true)
    await menu.press("Enter", "● Resume")
    expect(terminal.screen()).toContain("ENDED")
    expect(isThere(target.pid)).toBe(false)
    await menu.press("Enter", `cd '${join(machine.root, "one")}' && claude --resume ${sessionId(1)}`)
    await menu.press("Enter", "● Done with this one") // not here: No is the default
    terminal.keys("Enter")
    await menu.notProcessed()
    await terminal.shows(/◆ {2}Which sessions\?/)
    await menu.press("Escape", "exit=0")
    expect(terminal.screen()).toContain("Next: session-rescue --resume a0000001")
    expect([...brokenGuarantees(machine), ...leftovers(machine)]).toEqual([])
  })

  test("filtered by typing, two marked, both exported at once", async () => {
    await menu.menu()
    menu.terminal.keys("/", "w", "o", "r", "k")
    await menu.terminal.shows("Search: /work (2 match)")
    expect(menu.terminal.screen()).not.toMatch(/◻ 1\./)
    await menu.press("Tab", /◼ 2\./)
    await menu.press("Down", /❯ ◻ 3\./)
    await menu.press("Tab", /◼ 3\./)
    await menu.press("Enter", "● Export all 2")
    await menu.press("Enter", "2 sessions saved in")
    expect(committed(menu.machine)).toHaveLength(2)
    await menu.notProcessed()
    await menu.terminal.shows(/◆ {2}Which sessions\?/)
    await menu.press("Escape", "exit=0")
  })

  test("a filter that fits nothing is said, and Enter does nothing", async () => {
    await menu.menu()
    menu.terminal.keys("x", "y", "z")
    await menu.terminal.shows("(0 match)")
    await menu.press("Enter", "No match: delete what you typed")
    menu.terminal.keys("BSpace", "BSpace", "BSpace")
    await menu.terminal.shows(/❯ ◻ 1\./)
    await menu.press("Escape", "exit=0")
  })

  test("Export all saves everything listed, and says so", async () => {
    await menu.menu()
    await menu.press("Up", "❯   Leave")
    await menu.press("Up", "❯   Export all 3")
    await menu.press("Enter", "3 sessions saved in")
    expect(committed(menu.machine)).toHaveLength(3)
    await menu.press("C-c", "exit=130")
    expect(menu.terminal.screen()).toContain("Interrupted: 3 exports verified.")
  })

  test.each([
    ["Enter", "● Done with this one", "declined"],
    ["Escape", "● Done with this one", "declined"],
    ["C-c", "exit=130", "left"],
    ["C-d", "● Done with this one", "declined"],
  ])("at the question of a kill %s means No", async (key, shows) => {
    await menu.menu()
    await menu.press("Enter", "● Export")
    await menu.press("Down", "● Kill")
    await menu.press("Enter", "● No")
    menu.terminal.keys(key)
    await menu.terminal.shows("DECLINED")
    await menu.terminal.shows(key === "C-c" ? shows : "Done with this one")
    expect([isThere(target.pid), committed(menu.machine).length]).toEqual([true, 1])
    if (key !== "C-c") await menu.press("C-c", "exit=130")
    expect(menu.terminal.screen()).toContain("Interrupted: 1 export verified.")
  })

  test.each(["Escape", "C-c", "C-d"])("%s at the list and at the actions", async (key) => {
    const leaves = key === "C-c"
    await menu.menu()
    await menu.press("Enter", "● Export")
    await menu.press(key, leaves ? "exit=130" : /◆ {2}Which sessions\?/)
    if (!leaves) await menu.press(key, "exit=0")
    expect(menu.terminal.screen()).toContain(
      leaves ? "Interrupted: nothing was exported or ended." : "Exited: nothing was exported or ended.",
    )
    expect([committed(menu.machine), isThere(target.pid)]).toEqual([[], true])
    await menu.terminal.line("stty -a | grep -o -e ' icanon' -e ' echo ' | xargs")
    await menu.terminal.shows(/^icanon echo$/m)
  })

  test("a session that ends while its menu is open is said, not crashed", async () => {
    await menu.menu()
    await menu.press("Enter", "● Export")
    await target.end()
    await menu.press("Enter", "a0000001 has exited in the meantime: it is ORPHANED now")
    await menu.terminal.shows("verified")
    await menu.press("C-c", "exit=130")
  })

  test("one that was archived in this visit is still listed, so that its resume line can be had", async () => {
    const { machine, terminal } = menu
    await target.end()
    await menu.menu()
    await menu.press("Enter", "● Export")
    await menu.press("Enter", "● Resume")
    const [pending, archive] = ["pending", "archive"].map((kind) =>
      join(machine.data, `sessions-export-${kind}-anthropic`),
    ) as [string, string]
    renameSync(pending, archive) // as processing them does in the end
    await menu.press("Down", "● Show why")
    await menu.press("Down", "● Done with this one")
    terminal.keys("Enter")
    await menu.notProcessed()
    await terminal.shows(/COMPLETED not running a0000001/)
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
      await menu.press("Down", /❯/)
    }
    await menu.press("Up", /❯ ◻ 1\.|❯ {3}Export all 3|❯ ◻ [23]\./)
    await menu.press("Escape", "exit=0")
  })

  /** From the menu, the ended session's client in this very terminal. */
  async function startHere(): Promise<void> {
    await menu.menu()
    await menu.press("Enter", "● Export")
    await menu.press("Down", "● Resume")
    await menu.press("Enter", "● No, I will paste the command")
    await menu.press("Left", "● Yes, start it here")
    await menu.press("Enter", "client: --resume")
  }

  test("started here: the client has the terminal, its folder and its exit code; a copy was saved first", async () => {
    await target.end()
    const { terminal, machine } = menu
    await startHere()
    await terminal.shows(`client: --resume ${sessionId(1)} in ${join(machine.root, "one")}, home <>`)
    expect(committed(machine)).toHaveLength(1)
    await terminal.line("hello")
    await terminal.shows("exit=7")
  })

  test("started here where another home is named, the client looks into the session's own", async () => {
    await target.end()
    const { terminal, machine } = menu
    mkdirSync(join(machine.root, "other"))
    await terminal.line(`export CLAUDE_CONFIG_DIR=${join(machine.root, "other")}`)
    await startHere()
    await terminal.shows(`in ${join(machine.root, "one")}, home <>`)
    await terminal.line("hello")
    await terminal.shows("exit=7")
  })

  test("started here and suspended by itself: the shell is there, and fg brings both back", async () => {
    await target.end()
    const { terminal } = menu
    await startHere()
    await terminal.line("stop")
    await terminal.shows("Stopped")
    await terminal.line("fg")
    await terminal.shows("heard: stop")
  })
})
