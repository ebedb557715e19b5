/** Lines too long to be parsed at once, at the end of a transcript. */

import { afterEach, beforeEach, describe, expect, test } from "bun:test"
import { join } from "node:path"
import { readTail } from "session-rescue"
import { isMessage } from "../../../plugins/detect/claude-code/records/records.ts"
import { readTurn } from "../../../plugins/detect/claude-code/records/turn.ts"
import { readShortened } from "../../../src/sdk/long-line.ts"
import { systemFiles } from "../../../src/system/fs/files.ts"
import { Machine } from "../../fixtures/machine.ts"
import {
  assistant,
  conversation,
  record,
  sessionId,
  toolCall,
  toolResult,
} from "../../fixtures/talk/conversation.ts"

let machine: Machine
beforeEach(() => {
  machine = new Machine()
})
afterEach(() => machine.dispose())

const id = sessionId(1)
const talk = { id, cwd: "/work/one", at: new Date() }
const huge = "Q".repeat(34 << 20)
const ctx = { files: systemFiles(() => {}) } as never

async function only() {
  const { json } = await machine.run(["status", "--all", "--json"])
  expect(json.sessions).toHaveLength(1)
  return json.sessions[0]
}

describe("a huge line at the end, with what was said before it", () => {
  const called = conversation(talk) + record(talk, 3, toolCall("Bash", "t1"))
  const answered = called + record(talk, 4, toolResult("t1", huge))

  test.each([
    ["a tool's result that nobody went on from", answered, "mid-turn"],
    ["an answer", answered + record(talk, 5, assistant("x")) + record(talk, 6, assistant(huge)), "ended"],
    [
      "the client's own, behind an answer",
      `${conversation(talk)}${JSON.stringify({ type: "x", x: huge })}\n`,
      "ended",
    ],
    ["a tool's result, and the client's own behind it", `${answered}{"type":"last-prompt"}\n`, "mid-turn"],
  ])("%s", async (_, text, phase) => {
    machine.transcript(id, { text })
    const { title, flags, evidence } = await only()
    expect([title, flags.includes("corrupt"), flags.includes("torn-tail")]).toEqual([
      "please mend the login page",
      false,
      false,
    ])
    const says = evidence.map(({ message }: { message: string }) => message).join("\n")
    expect(says).not.toContain("no message")
    const tail = readTail(ctx, machine.transcriptPath(id, "/work/one"), text.length, (stretch) =>
      stretch.records.some(isMessage),
    )
    expect(readTurn(tail.records).phase).toBe(phase as "ended")
    expect((await machine.run(["resume", id, "--json"])).json.resumes[0].cwd).toBe("/work/one")
  })

  test("many short ones of the client's own are not read through, however many there are", () => {
    const path = machine.transcript(id, { text: conversation(talk) + '{"type":"x"}\n'.repeat(3_000_000) })
    const tail = readTail(ctx, path, Bun.file(path).size, (stretch) => stretch.records.some(isMessage))
    expect([tail.whole, tail.records.some(isMessage), tail.records.length > 2_000_000]).toEqual([
      false,
      false,
      true,
    ])
  })

  test("of NULs, as a crash leaves them, is not read through", () => {
    const text = `${called}${"\0".repeat(40 << 20)}\n${'{"type":"x"}'}\n`
    const path = machine.transcript(id, { text })
    const tail = readTail(ctx, path, text.length, (stretch) => stretch.records.some(isMessage))
    expect([tail.whole, tail.records.map(({ type }) => type)]).toEqual([false, ["x"]])
  })

  test("that is torn is no damage to what is before it", async () => {
    machine.transcript(id, { text: called + record(talk, 4, toolResult("t1", huge)).slice(0, -40) })
    const { title, flags } = await only()
    expect([title, flags]).toEqual(["please mend the login page", ["torn-tail"]])
  })
})

describe("strings are cut where the rest is still JSON", () => {
  const cut = (value: unknown) => {
    const text = JSON.stringify(value)
    const path = machine.write(join(machine.root, "line"), `before\n${text}\nbehind`)
    return JSON.parse(Buffer.from(readShortened(ctx, path, 7, 7 + Buffer.byteLength(text))).toString())
  }

  test.each([
    ["letters", "abc".repeat(10_000)],
    ["characters of several bytes", "é日👩".repeat(5000)],
    ["an escape at every place in turn", `${"x".repeat(4090)}${"\u0001abcdefgh".repeat(500)}`],
    ["quotes and backslashes", `${"x".repeat(5000)}"\\"\\\\${"y\\".repeat(3000)}`],
  ])("%s", (_, long) => {
    for (let shift = 0; shift < 12; shift++) {
      const whole = { type: "user", text: "s".repeat(shift) + long, after: ['a"', { cwd: "/w" }] }
      const short = cut(whole)
      expect({ ...short, text: "" }).toEqual({ ...whole, text: "" })
      expect(whole.text.startsWith(short.text)).toBe(true)
      expect(short.text.length).toBeLessThan(4200)
    }
  })
})
