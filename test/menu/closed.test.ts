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
    const { machine } = menu
    machine.transcript(sessionId(1), { age: 3_600_000, cwd: machine.root })
    machine.transcript(sessionId(2), { age: 7_200_000, cwd: "/does/not/exist" })
  })
  afterEach(() => menu.close())

  test.each([
    ["at the list of sessions", []],
    ["at the details of one", [["Enter", "Evidence"]]],
    ["while a filter is typed", [["/", "filter: █"]]],
    ["after an export", [["e", "1 session saved and verified"]]],
    ["at a question", [["r", "● No"]]],
    [
      "at a report",
      [
        ["Down", /^❯ .* a0000002$/m],
        ["r", "press a key to go back to the list"],
      ],
    ],
  ] as const)("closed %s", async (_, pressed) => {
    await menu.menu()
    for (const [key, shows] of pressed) await menu.press(key, shows)
    const pid = await menu.terminal.child()
    menu.terminal.close()
    await until("the end of the menu", () => !isThere(pid))
  })
})
