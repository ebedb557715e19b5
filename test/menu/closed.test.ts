/** The window in which the menu runs is closed: seen to leave a process behind that took a whole processor for ever. */
import { afterEach, beforeEach, describe, setDefaultTimeout, test } from "bun:test"
import { isInstalled } from "../faults/harness/installed.ts"
import { sessionId } from "../fixtures/talk/conversation.ts"
import { until } from "../fixtures/until.ts"
import { isThere } from "../kill/harness/clients.ts"
import { type MenuHarness, openMenuHarness } from "./menu-harness.ts"

setDefaultTimeout(60_000)

describe.if(isInstalled("tmux"))("the menu ends with its terminal", () => {
  let menu: MenuHarness
  beforeEach(async () => {
    menu = await openMenuHarness()
    menu.machine.transcript(sessionId(1), { age: 3_600_000 })
  })
  afterEach(() => menu.close())

  test.each([
    ["at the list of sessions", []],
    ["at what to do with one", ["● Export"]],
    ["after an export", ["● Export", "verified"]],
  ])("closed %s", async (_, shown) => {
    await menu.menu()
    for (const text of shown) await menu.press("Enter", text)
    const pid = await menu.terminal.child()
    menu.terminal.close()
    await until("the end of the menu", () => !isThere(pid))
  })
})
