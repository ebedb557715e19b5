/** The window in which the menu runs is closed: seen to leave a process behind that took a whole processor for ever. */
import { afterEach, beforeEach, describe, setDefaultTimeout, test } from "bun:test"
import { loudly } from "../faults/harness/verbose.ts"
import { sessionId } from "../fixtures/talk/conversation.ts"
import { until } from "../fixtures/until.ts"
import { isThere } from "../kill/harness/clients.ts"
import { openStage, type Stage } from "./menu-harness.ts"

setDefaultTimeout(60_000)

describe.if(loudly("tmux"))("the menu ends with its terminal", () => {
  let stage: Stage
  beforeEach(async () => {
    stage = await openStage()
    stage.machine.transcript(sessionId(1), { age: 3_600_000 })
  })
  afterEach(() => stage.close())

  test.each([
    ["at the list of sessions", []],
    ["at what to do with one", ["● Export"]],
    ["after an export", ["● Export", "verified"]],
  ])("closed %s", async (_, shown) => {
    await stage.menu()
    for (const text of shown) await stage.press("Enter", text)
    const pid = await stage.terminal.child()
    stage.terminal.close()
    await until("the end of the menu", () => !isThere(pid))
  })
})
