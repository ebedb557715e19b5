/** What was done next: wherever that was written down, and whatever came between. */
import { afterEach, beforeEach, expect, test } from "bun:test"
import { appendFileSync } from "node:fs"
import { assistant, record, toolResult, user } from "../fixtures/talk/conversation.ts"
import { calls, failed, Talks } from "./conversations.ts"

let machine: Talks
beforeEach(() => {
  machine = new Talks()
})
afterEach(() => machine.dispose())

const texts = (list: { text: string }[]) => list.map(({ text }) => text)

test("a session that went on after its export was archived", async () => {
  const talk = machine.talk(1)
  machine.say(talk, [user("go"), calls("Bash", "c1", { command: "make" }), failed("c1", "boom")])
  await machine.run(["export", "--all"])
  await machine.run(["cx"])
  const later = [
    assistant("I mend it"),
    calls("Bash", "c2", { command: "make it" }),
    toolResult("c2", "fine"),
  ]
  appendFileSync(
    machine.transcriptPath(talk.id, talk.cwd),
    later.map((each, index) => record(talk, 3 + index, each)).join(""),
  )
  machine.subagent(talk, "x", [user("other file")])
  await machine.read()
  const { json } = await machine.ask("--errors")
  expect(texts(json.failures[0].next)).toEqual(["I mend it", "make it", "fine"])
  const around = await machine.ask("boom", "--context", "2")
  expect(texts(around.json.hits[0].context)).toEqual(["go", "make", "boom", "I mend it", "make it"])
  const shown = await machine.run(["show", talk.id, "--around", `${json.failures[0].part}`])
  expect(shown.stdout).toMatch(/→ the hit · the tool FAILED[\s\S]*boom[\s\S]*I mend it[\s\S]*fine/)
})

test("what came of calls made before is not what was done next, nor is what the client puts between", async () => {
  const both = { type: "assistant", message: { role: "assistant", content: [] as object[] } }
  for (const id of ["p1", "p2"])
    both.message.content.push({ type: "tool_use", id, name: "Bash", input: { command: `run ${id}` } })
  machine.say(machine.talk(1), [
    both,
    failed("p1", "boom"),
    toolResult("p2", "the other one went well"),
    { type: "attachment", attachment: { type: "reminder", content: "a reminder" } },
    { ...user("a note of the client's own"), isMeta: true },
    calls("Bash", "c3", { command: "mended" }),
    toolResult("c3", "fine"),
  ])
  await machine.read()
  const { json } = await machine.ask("--errors")
  expect(texts(json.failures[0].next)).toEqual(["mended", "fine"])
})

test("where no session is, a search says so and does not ask for fewer words", async () => {
  const empty = new Talks()
  try {
    for (const args of [["login"], ["--recent", "5"], ["--errors"]]) {
      const { code, stderr } = await empty.run(["cxq", ...args])
      expect(code).toBe(3)
      expect(stderr).toEndWith(
        "session-rescue: nothing to search: no session was found here, and none was exported\nNext: session-rescue doctor   (says which homes are searched)\n",
      )
    }
  } finally {
    await empty.dispose()
  }
})
