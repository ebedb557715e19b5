/** What was typed is found once: queued, delivered, or only left in a list of prompts. */
import { Database } from "bun:sqlite"
import { afterEach, beforeEach, describe, expect, test } from "bun:test"
import { folderFilter } from "../../../../src/domain/project-filter.ts"
import { assistant, record, user } from "../../../fixtures/talk/conversation.ts"
import { IndexHarness } from "../index-harness.ts"

let harness: IndexHarness
beforeEach(() => {
  harness = new IndexHarness()
})
afterEach(() => harness.dispose())

const line = (record: object) => `${JSON.stringify(record)}\n`
const queue = (operation: string, content?: unknown, second = 0) =>
  line({
    ...{ type: "queue-operation", operation, sessionId: harness.talk.id },
    ...{ timestamp: `2026-03-01T10:00:0${second}.000Z`, content },
  })
const say = (number: number, said: Record<string, unknown>) => record(harness.talk, number, said)
const typed = (session: string, display: string, timestamp: number) =>
  line({ display, pastedContents: {}, timestamp, project: "/work/one", sessionId: session })
const list = (text: string) =>
  harness.source(harness.write(text, "history.jsonl"), { document: "history.jsonl", session: null })
const hits = (query: string, filters = {}) => harness.ask((index) => index.search(query, filters, 50).hits)

describe("a queued prompt", () => {
  test("that the model got: its message is what is found, in search and among the newest", async () => {
    const text = say(0, user("begin")) + queue("enqueue", "paint it vermilion") + queue("dequeue")
    await harness.read(harness.write(text))
    expect(harness.texts("vermilion", { project: folderFilter("/work/one") })).toEqual(["paint it vermilion"])
    await harness.read(harness.append(say(1, user("paint it vermilion")) + say(2, assistant("painted"))))
    const [hit, more] = hits("vermilion")
    expect(more).toBeUndefined()
    const { offset = 0, length = 0 } = hit?.source ?? {}
    expect(
      await Bun.file(harness.path())
        .slice(offset, offset + length)
        .json(),
    ).toMatchObject({ type: "user" })
    expect(harness.ask((index) => index.recent({ role: "user" }, 9).map(({ text }) => text))).toEqual([
      "paint it vermilion",
      "begin",
    ])
    expect(harness.ask((index) => index.stats().parts)).toBe(3)
    const database = new Database(harness.database)
    const rows = database.query("select rowid from search where search match 'vermilion'").all()
    database.close()
    expect(rows).toHaveLength(1)
  })

  test("handed on as an attachment", async () => {
    const attachment = { type: "queued_command", commandMode: "prompt", prompt: "also cobalt" }
    await harness.read(
      harness.write(queue("enqueue", "also cobalt") + say(1, { type: "attachment", attachment })),
    )
    expect(harness.texts("cobalt")).toEqual(["also cobalt"])
  })

  test("that it never got, made of parts; and the same one typed later is another", async () => {
    await harness.read(
      harness.write(queue("enqueue", [{ type: "text", text: "go on, cobalt" }]) + queue("remove")),
    )
    expect(harness.texts("cobalt")).toEqual(["go on, cobalt"])
    await harness.read(harness.append(say(1, user("go on, cobalt")) + say(2, user("go on, cobalt"))))
    expect(harness.texts("cobalt")).toHaveLength(2)
  })

  test("in a copy that ends before it was delivered, or goes on behind that", async () => {
    const early = queue("enqueue", "paint it vermilion")
    const late = early + say(1, user("paint it vermilion"))
    await harness.read(
      harness.write(late),
      harness.source(harness.write(early, "copy-1.jsonl"), { place: "pending" }),
      harness.source(harness.write(late + say(2, user("and on")), "copy-2.jsonl"), { place: "pending" }),
    )
    expect(harness.texts("vermilion")).toEqual(["paint it vermilion"])
  })
})

describe("a list of prompts", () => {
  const gone = "c0000001-1111-4222-8333-444444444444"

  test("of a purged session its prompts are found, and only of that", async () => {
    await harness.read(harness.write(say(0, user("mend the door"))))
    const at = Date.parse("2026-02-01T10:00:00Z")
    await harness.read(
      list(
        typed(gone, "mend the sluice", at) +
          typed(harness.talk.id, "mend the door", at) +
          typed(gone, "/exit", at),
      ),
    )
    expect(hits("mend").map(({ text, kind, session }) => [text, kind, session])).toEqual([
      ["mend the door", "text", harness.talk.id],
      ["mend the sluice", "prompt", gone],
    ])
    expect(hits("sluice")[0]).toMatchObject({ title: "mend the sluice", project: "/work/one", time: at })
    expect(harness.ask((index) => index.promptOnlySessions())).toEqual([gone])
  })

  test("a prompt typed after all that is known of its session is found; then its message stands for it", async () => {
    await harness.read(harness.write(say(0, user("mend the door"))))
    await harness.read(list(typed(harness.talk.id, "and the window", Date.parse("2027-01-01T00:00:00Z"))))
    expect(hits("window").map(({ kind }) => kind)).toEqual(["prompt"])
    await harness.read(harness.append(say(1, user("and the window"))))
    expect(hits("window").map(({ kind }) => kind)).toEqual(["text"])
    expect(harness.ask((index) => index.promptOnlySessions())).toEqual([])
  })

  test("a prompt at the end of a conversation, listed a moment after it was said, is its message", async () => {
    const at = Date.parse(JSON.parse(say(1, user("fire the kiln"))).timestamp)
    await harness.read(harness.write(say(0, user("begin")) + say(1, user("fire the kiln"))))
    await harness.read(list(typed(harness.talk.id, "fire the kiln ", at + 3)))
    expect(hits("kiln").map(({ kind }) => kind)).toEqual(["text"])
    // the same words a minute later are another prompt, whose message is missing
    await harness.read(
      list(
        typed(harness.talk.id, "fire the kiln ", at + 3) +
          typed(harness.talk.id, "fire the kiln", at + 60_000),
      ),
    )
    expect(hits("kiln").map(({ kind }) => kind)).toEqual(["prompt", "text"])
  })

  test("a project's list of sessions: first prompt, summary and name", async () => {
    const entry = {
      sessionId: gone,
      firstPrompt: "repair the gate",
      summary: "Gate repaired",
      projectPath: "/work/two",
    }
    const text = JSON.stringify(
      { version: 1, entries: [{ ...entry, created: "2026-02-01T10:00:00.000Z" }] },
      null,
      2,
    )
    const document = "projects/-work-two/sessions-index.json"
    const source = () =>
      harness.source(harness.write(text, "sessions-index.json"), { document, session: null, form: "whole" })
    await harness.read(source())
    expect(
      hits("gate")
        .map(({ text, kind }) => [text, kind])
        .toSorted(),
    ).toEqual([
      ["Gate repaired", "summary"],
      ["repair the gate", "prompt"],
    ])
    expect(hits("repair")[0]).toMatchObject({ title: "Gate repaired", project: "/work/two", session: gone })
    await harness.read(source())
    expect(hits("gate")).toHaveLength(2)
  })
})
