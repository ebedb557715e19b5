/** The ways to leave the list: one step back, at once, and with the terminal as it was. */
import { afterEach, beforeEach, describe, expect, setDefaultTimeout, test } from "bun:test"
import { existsSync, mkdirSync } from "node:fs"
import { join } from "node:path"
import { committed } from "../export/export-invariants.ts"
import { isInstalled } from "../faults/harness/installed.ts"
import { tree } from "../fixtures/machine.ts"
import { sessionId } from "../fixtures/talk/conversation.ts"
import { type MenuHarness, openMenuHarness } from "./menu-harness.ts"

setDefaultTimeout(60_000)

describe.if(isInstalled("tmux"))("leaving the list", () => {
  let menu: MenuHarness
  beforeEach(async () => {
    menu = await openMenuHarness()
    menu.machine.transcript(sessionId(1), { age: 3_600_000 })
    menu.machine.transcript(sessionId(2), { age: 7_200_000, cwd: "/does/not/exist" })
  })
  afterEach(() => menu.close())

  const left = async (how: "Exited" | "Interrupted") => {
    expect(menu.terminal.screen()).toContain(`${how}: nothing was exported or ended.`)
    expect(committed(menu.machine)).toEqual([])
    await menu.expectSane()
  }

  const details = async () => {
    await menu.menu()
    await menu.press("Enter", "Evidence")
    expect(menu.terminal.screen()).toContain(sessionId(1))
  }

  test.each(["Escape", "Enter"])(
    "%s at the details goes back to the list, Escape there leaves",
    async (key) => {
      await details()
      await menu.press(key, /^❯ {3}ORPHANED/m)
      await menu.press("Escape", "exit=0")
      await left("Exited")
    },
  )

  test.each([
    ["C-d", "exit=0", "Exited"],
    ["q", "exit=0", "Exited"],
    ["C-c", "exit=130", "Interrupted"],
  ] as const)("%s at the list and at the details leaves at once", async (key, shows, how) => {
    await details()
    await menu.press(key, shows)
    await left(how)
    await menu.terminal.line("clear")
    await menu.menu()
    await menu.press(key, shows)
    await left(how)
  })

  test("Ctrl-C at the help and while a filter is typed leaves with 130", async () => {
    await menu.menu()
    await menu.press("?", "any key: back to the list")
    await menu.press("C-c", "exit=130")
    await left("Interrupted")
    await menu.terminal.line("clear")
    await menu.menu()
    await menu.press("/", "filter: █")
    await menu.press("C-c", "exit=130")
    await left("Interrupted")
  })

  test("Escape drops marks, then the filter, then leaves", async () => {
    await menu.menu()
    menu.terminal.keys("/", "m", "e", "n", "d")
    await menu.press("Enter", "· 2 match")
    await menu.press("Space", "1 session marked")
    await menu.press("Escape", /^filter: mend$/m)
    await menu.press("Escape", /^\d closed[^·]*$/m)
    await menu.press("Escape", "exit=0")
    await left("Exited")
  })

  test("a report that has to be read waits for a key, and Ctrl-C there leaves with 130", async () => {
    await menu.menu()
    await menu.press("Down", /^❯ .* a0000002$/m)
    await menu.press("r", "press a key to go back to the list") // its folder does not exist
    await menu.press("x", /^❯ {3}ORPHANED/m)
    await menu.press("r", "press a key to go back to the list")
    await menu.press("C-c", "exit=130")
    await left("Interrupted")
  })

  test("Ctrl-Z gives the shell a sane terminal, and fg brings the list back", async () => {
    await menu.menu()
    await menu.press("Down", /^❯ .* a0000002$/m)
    await menu.press("C-z", "Stopped")
    await menu.expectSane()
    await menu.terminal.line("fg")
    await menu.terminal.shows(/^❯ .* a0000002$/m)
    expect(menu.terminal.modes()).toBe("1 0 0")
    await menu.press("Up", /^❯ .* a0000001$/m)
    await menu.press("C-c", "Interrupted: nothing was exported or ended.")
    await menu.terminal.line('echo "code=$?"')
    await menu.terminal.shows("code=130")
    await left("Interrupted")
  })

  test.each([
    ["menu", []],
    ["status", ["--watch"]],
  ] as const)(
    "%s that is only looked at leaves no file behind and changes none",
    async (...[command, flags]) => {
      mkdirSync(join(menu.machine.claude, "sessions"))
      const before = tree(menu.machine.home)
      await menu.menu(command, ...flags)
      await menu.press("Enter", "Evidence")
      await menu.press("Escape", /^❯ {3}ORPHANED/m)
      await menu.press("Down", /^❯ .* a0000002$/m)
      await menu.press("q", "exit=0")
      expect(tree(menu.machine.home)).toEqual(before)
      expect(existsSync(menu.machine.data)).toBe(false)
    },
  )
})
