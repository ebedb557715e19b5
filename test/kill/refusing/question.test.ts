/** The question before an ending, on a terminal. */
import { afterEach, beforeEach, expect, setDefaultTimeout, test } from "bun:test"
import { binary, Machine } from "../../fixtures/machine.ts"
import { conversation, sessionId } from "../../fixtures/talk/conversation.ts"
import { until } from "../../fixtures/until.ts"
import { client, isThere } from "../harness/clients.ts"

setDefaultTimeout(30_000)
let machine: Machine
beforeEach(() => {
  machine = new Machine()
})
afterEach(() => machine.dispose())

test("a title that would command the terminal is asked about as plain text", async () => {
  const id = sessionId(1)
  const { pid, transcript } = await client(machine, id)
  const title = "mend\u001b]0;owned\u0007\u001b[31m it\u202e"
  const talk = { id, cwd: "/work/one", at: new Date() }
  machine.write(
    transcript,
    `${conversation(talk)}${JSON.stringify({ type: "custom-title", customTitle: title })}\n`,
  )
  let shown = ""
  const asking = machine.start([binary, "kill", String(pid)], {
    env: { SESSION_RESCUE_DATA: machine.data, TERM: "xterm" },
    terminal: {
      cols: 160,
      rows: 40,
      data(_, bytes) {
        shown += Buffer.from(bytes).toString()
      },
    },
  })
  await until("the question", () => shown.includes("It gets TERM"), { show: () => shown })
  expect(shown).toContain('"mend it"')
  for (const part of ["\u001b]0;owned", "\u0007", "\u001b[31m it", "\u202e"])
    expect(shown).not.toContain(part)
  asking.say("n")
  expect([await asking.exited, isThere(pid)]).toEqual([0, true])
})
