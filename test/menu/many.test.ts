import { afterEach, beforeEach, describe, expect, setDefaultTimeout, test } from "bun:test"
import { committed } from "../export/export-invariants.ts"
import { isInstalled } from "../faults/harness/installed.ts"
import { binary } from "../fixtures/machine.ts"
import { conversation, sessionId } from "../fixtures/talk/conversation.ts"
import { type MenuHarness, openMenuHarness } from "./menu-harness.ts"

setDefaultTimeout(60_000)

describe.if(isInstalled("tmux"))("the menu", () => {
  let menu: MenuHarness
  const open = async (env: Record<string, string> = {}) => {
    menu = await openMenuHarness(env)
    return menu
  }
  afterEach(() => menu.close())

  test("with no session at all says where it looked, and ends", async () => {
    const { terminal, machine } = await open()
    await terminal.line(`${binary}; echo "exit=$?"`)
    await terminal.shows("exit=0")
    expect(terminal.screen()).toContain(`No session was found; the home is ${machine.home}.`)
    expect(terminal.screen()).toContain("Next: ")
    expect(terminal.screen()).not.toContain("Which sessions?")
  })

  describe("of 300 sessions", () => {
    beforeEach(async () => {
      const { machine } = await open()
      for (let number = 0; number < 300; number++) {
        const [id, at] = [sessionId(number), new Date(Date.now() - (number + 1) * 600_000)]
        const prompt = `task number ${number}`
        machine.transcript(id, {
          text: conversation({ id, cwd: "/work", at, prompt }),
          age: (number + 1) * 600_000,
        })
      }
    })

    test("lists those that fit, finds any by typing, and takes it", async () => {
      await menu.menu("menu", "--all")
      const screen = menu.terminal.screen()
      expect(screen).toContain("CLAUDE SESSIONS DETECTED") // box and list are on the screen together
      expect(screen).toMatch(/and 29\d more in the list below/)
      menu.terminal.keys("n", "u", "m", "b", "e", "r", "Space", "2", "8", "7")
      await menu.terminal.shows("(2 match)") // its place in the list is a number, too
      await menu.press("Down", /❯ ◻ 288/)
      await menu.press("Enter", `${sessionId(287).slice(0, 8)} (not running) is ORPHANED`)
      await menu.press("Enter", "1 session saved in")
      expect(committed(menu.machine)[0]).toContain(sessionId(287))
      await menu.press("C-c", "exit=130")
    })

    test("all of them are exported in one line each", async () => {
      await menu.menu("menu", "--all")
      await menu.press("Up", "❯   Leave")
      await menu.press("Up", "❯   Export all 300")
      await menu.press("Enter", "300 sessions saved in")
      expect(committed(menu.machine)).toHaveLength(300)
      expect(menu.terminal.scrollback().match(/^saved /gm)).toHaveLength(300)
      expect(menu.terminal.scrollback()).not.toContain("sha256")
      await menu.notProcessed()
      await menu.terminal.shows(/◆ {2}Which sessions\?/)
      await menu.press("Escape", "exit=0")
    })
  })

  describe("where little can be shown", () => {
    test("narrower than 60 columns: no box, no line longer than the terminal", async () => {
      const { machine, terminal } = await open()
      terminal.resize(44, 40)
      machine.transcript(sessionId(1), { cwd: `/work/${"long/".repeat(20)}` })
      await menu.menu()
      const lines = terminal.screen().split("\n")
      expect(lines).toContain("1. not running - a0000001... (1 KB)")
      expect(terminal.screen()).not.toContain("┌")
      expect(lines.filter((line) => line.startsWith("   /work/"))).toEqual([expect.stringMatching(/…$/)])
      await menu.press("Escape", "exit=0")
    })

    test("without colour and without Unicode everything is there, in ASCII", async () => {
      const { machine, terminal } = await open({ LANG: "C", NO_COLOR: "1" })
      machine.transcript(sessionId(1))
      await menu.menu()
      expect(terminal.screen()).toMatch(/^> - 1\.|> - 1\. /m)
      await menu.press("Enter", "> Export")
      await menu.press("Down", "> Resume")
      await menu.press("C-c", "exit=130")
      expect(terminal.scrollback()).toMatch(/^[\n\x20-\x7e]*$/)
    })

    test.each([
      ["TERM", "dumb"],
      ["CI", "true"],
    ])("%s=%s gets the status instead", async (name, value) => {
      const { machine, terminal } = await open()
      machine.transcript(sessionId(1))
      await terminal.line(`${name}=${value} ${binary}; echo "exit=$?"`)
      await terminal.shows("exit=0")
      expect(terminal.screen()).toContain("no client is running")
      expect(terminal.screen()).not.toContain("Which sessions?")
    })

    test("not on a terminal it is the status, and the word menu says why not", async () => {
      const { machine } = await open()
      machine.transcript(sessionId(1))
      const [bare, word] = [await machine.run([]), await machine.run(["menu"])]
      expect([bare.code, bare.stdout]).toEqual([0, (await machine.run(["status"])).stdout])
      expect([word.code, word.stdout]).toEqual([4, ""])
      expect(word.stderr).toContain("no terminal to show the menu on")
    })
  })
})
