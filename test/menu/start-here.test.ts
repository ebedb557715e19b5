/** From the list, an ended session's client in this very terminal. */
import { afterEach, beforeEach, describe, expect, setDefaultTimeout, test } from "bun:test"
import { mkdirSync } from "node:fs"
import { join } from "node:path"
import { committed } from "../export/export-invariants.ts"
import { isInstalled } from "../faults/harness/installed.ts"
import { sessionId } from "../fixtures/talk/conversation.ts"
import { type MenuHarness, openMenuHarness } from "./menu-harness.ts"

setDefaultTimeout(60_000)

describe.if(isInstalled("tmux"))("a session started here", () => {
  let menu: MenuHarness
  beforeEach(async () => {
    menu = await openMenuHarness()
    mkdirSync(join(menu.machine.root, "one"))
    menu.machine.transcript(sessionId(1), { cwd: join(menu.machine.root, "one") })
  })
  afterEach(() => menu.close())

  async function startHere(): Promise<void> {
    await menu.menu()
    await menu.press("r", "● No, I will paste the command")
    await menu.press("Left", "● Yes, start it here")
    await menu.press("Enter", "client: --resume")
  }

  test("the client has the terminal, its folder and its exit code; a copy was saved first", async () => {
    const { terminal, machine } = menu
    await startHere()
    await terminal.shows(`client: --resume ${sessionId(1)} in ${join(machine.root, "one")}, home <>`)
    expect(committed(machine)).toHaveLength(1)
    expect(terminal.modes()).toBe("0 0 1")
    await terminal.line("hello")
    await terminal.shows("heard: hello")
    await terminal.shows("exit=7")
    await menu.expectSane()
  })

  test("where another home is named, the client looks into the session's own", async () => {
    const { terminal, machine } = menu
    mkdirSync(join(machine.root, "other"))
    await terminal.line(`export CLAUDE_CONFIG_DIR=${join(machine.root, "other")}`)
    await startHere()
    await terminal.shows(`in ${join(machine.root, "one")}, home <>`)
    await terminal.line("hello")
    await terminal.shows("exit=7")
  })

  test("Ctrl-C is the client's, and so is the exit code", async () => {
    await startHere()
    await menu.press("C-c", "interrupted")
    await menu.terminal.shows("exit=7")
    await menu.expectSane()
  })

  test("suspended by itself: the shell is there, and fg brings both back", async () => {
    const { terminal } = menu
    await startHere()
    await terminal.line("stop")
    await terminal.shows("Stopped")
    await terminal.line("fg")
    await terminal.shows("heard: stop")
    await terminal.line('echo "code=$?"')
    await terminal.shows("code=7")
  })
})
