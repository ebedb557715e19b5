import { Database } from "bun:sqlite"
import { afterEach, beforeEach, describe, expect, setDefaultTimeout, test } from "bun:test"
import { lstatSync } from "node:fs"
import { join } from "node:path"
import { committed } from "../export/export-invariants.ts"
import { isInstalled } from "../faults/harness/installed.ts"
import { binary } from "../fixtures/machine.ts"
import { conversation, sessionId } from "../fixtures/talk/conversation.ts"
import { until } from "../fixtures/until.ts"
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
    expect(terminal.screen()).not.toContain("e export")
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

    test("takes at first from the index what it has, and then reads what changes", async () => {
      const { menu: open, machine, terminal } = menu
      // what was written within a tick of the clock is not kept in the index
      const written = () => lstatSync(machine.transcriptPath(sessionId(299), "/work/one")).ctimeMs
      await until("a tick of the clock", () => Date.now() - written() > 1000)
      expect((await machine.run(["cx", "--live"])).code).toBe(0)
      const index = new Database(join(machine.data, "context-storage/session-rescue.db"))
      index.run("update file_facts set facts = json_set(facts, '$.title', 'what the index says')")
      index.close()
      const marked = Date.now()
      await until("a tick of the clock", () => Date.now() - marked > 200)
      await open("menu", "--all")
      expect(terminal.screen()).toMatch(/^❯ .* what the index says .* a0000000$/m)
      const [id, at] = [sessionId(0), new Date(Date.now() - 1000)]
      machine.transcript(id, {
        text: conversation({ id, cwd: "/work", at, prompt: "a new task" }),
        age: 1000,
      })
      await terminal.shows(/^❯ .* a new task .* a0000000$/m)
      await menu.press("q", "exit=0")
    })

    test("shows those that fit, moves through all, finds any by typing, and takes it", async () => {
      const { terminal } = menu
      await menu.menu("menu", "--all")
      expect(terminal.screen().split("\n")).toHaveLength(48)
      expect(terminal.screen()).toMatch(/^300 closed \(300 not saved\)/)
      await menu.press("End", /^❯ .* a000012b$/m)
      await menu.press("PageUp", /^❯ .* a000010a$/m) // 33 rows
      await menu.press("Home", /^❯ .* a0000000$/m)
      terminal.keys("/", "n", "u", "m", "b", "e", "r", "Space", "2", "8", "7")
      await terminal.shows("· 1 match")
      await menu.press("Enter", /^❯ .* task number 287 .* a000011f$/m)
      await menu.press("e", "1 session saved and verified")
      expect(committed(menu.machine)).toHaveLength(1)
      expect(committed(menu.machine)[0]).toContain(sessionId(287))
      await menu.press("C-c", "exit=130")
    })

    test("all of them are exported in one line each", async () => {
      await menu.menu("menu", "--all")
      await menu.press("a", "300 sessions marked")
      await menu.press("e", "300 sessions saved and verified")
      expect(committed(menu.machine)).toHaveLength(300)
      await menu.press("Escape", "exit=0")
      expect(menu.terminal.scrollback().match(/^saved /gm)).toHaveLength(300)
      expect(menu.terminal.scrollback()).not.toContain("sha256")
    })
  })

  describe("where little can be shown", () => {
    test("narrow and low: a line a session, no line longer than the terminal, the keys stay", async () => {
      const { machine, terminal } = await open()
      terminal.resize(50, 20)
      const prompt = "a long title ".repeat(10)
      const text = conversation({ id: sessionId(1), cwd: "/work", at: new Date(), prompt })
      machine.transcript(sessionId(1), { cwd: `/work/${"long/".repeat(20)}`, text })
      machine.transcript(sessionId(2))
      await menu.menu()
      const lines = terminal.screen().split("\n")
      expect(lines).toHaveLength(20)
      expect(lines[0]).toMatch(/^2 closed \(2 not saved\) {2,}\d\d:\d\d$/)
      expect(lines[1]).toMatch(/^❯ {3}closed +a long title .*… {2}\d+ s$/)
      expect(lines[2]).toMatch(/^ {4}closed +please mend the log.*1 min$/)
      expect(lines[19]).toMatch(/^e export {2}k kill .*q quit/)
      await menu.press("Enter", "a0000001-1111-4222-8333-444444444444")
      await menu.press("Escape", /^❯ {3}closed/m)
      await menu.press("Escape", "exit=0")
    })

    test("without colour and without Unicode everything is there, in ASCII", async () => {
      const { machine, terminal } = await open({ LANG: "C", NO_COLOR: "1" })
      machine.transcript(sessionId(1))
      await menu.menu()
      expect(terminal.screen()).toMatch(/^> {3}ORPHANED +closed +please mend the login page/m)
      const ascii = () => {
        expect(terminal.scrollback()).toMatch(/^[\n\x20-\x7e]*$/)
        expect(terminal.styled()).not.toContain("\u001b[3") // no colour
      }
      await menu.press("Space", /^> x ORPHANED/m)
      ascii()
      await menu.press("?", "any key: back to the list")
      ascii()
      await menu.press("Escape", /^> x ORPHANED/m)
      await menu.press("Enter", "Evidence")
      ascii()
      await menu.press("Escape", /^> x ORPHANED/m)
      await menu.press("r", "> No, I will paste the command")
      ascii()
      await menu.press("C-c", "exit=130")
      ascii()
    })

    test.each([
      ["TERM", "dumb"],
      ["CI", "true"],
    ])("%s=%s gets the status instead", async (name, value) => {
      const { machine, terminal } = await open()
      machine.transcript(sessionId(1))
      await terminal.line(`${name}=${value} ${binary}; echo "exit=$?"`)
      await terminal.shows("exit=0")
      expect(terminal.screen()).toContain("please mend the login page")
      expect(terminal.screen()).not.toContain("e export")
      expect(terminal.modes()).toBe("0 0 1")
    })

    test("not on a terminal it is the status, and the word menu says why not", async () => {
      const { machine } = await open()
      machine.transcript(sessionId(1))
      const [bare, word] = [await machine.run([]), await machine.run(["menu"])]
      expect([bare.code, bare.stdout]).toEqual([0, (await machine.run(["status"])).stdout])
      expect([word.code, word.stdout]).toEqual([2, ""])
      expect(word.stderr).toContain("no terminal to show the menu on")
    })
  })
})
