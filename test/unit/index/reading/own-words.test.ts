/** The client's own words: one row for all sessions, found only where they are asked for. So is what this program printed. */
import { afterEach, beforeEach, describe, expect, test } from "bun:test"
import { statSync } from "node:fs"
import { clientSession, common, ownWords } from "../../../fixtures/talk/client-words.ts"
import { assistant, record, sessionId, toolResult, user } from "../../../fixtures/talk/conversation.ts"
import { seeded } from "../../../fixtures/talk/random.ts"
import { calls } from "../../../search/conversations.ts"
import { IndexHarness } from "../index-harness.ts"

let harness: IndexHarness
beforeEach(() => {
  harness = new IndexHarness()
})
afterEach(() => harness.dispose())

const say = (number: number, said: Record<string, unknown>) => record(harness.talk, number, said)
const hits = (query: string, filters = {}) => harness.ask((index) => index.search(query, filters, 50))

describe("of today's client", () => {
  const sessions = async (count: number) => {
    const random = seeded(4)
    const own = ownWords()
    const sources = Array.from({ length: count }, (_, n) => {
      const session = { id: sessionId(n + 1), cwd: "/work/one", at: harness.talk.at }
      const text = clientSession(random, session, own, [`where is zebra${n}?`, "over there"])
      return harness.source(harness.write(text, `${n}.jsonl`), { session: session.id })
    })
    await harness.read(...sources.slice(1))
    await harness.read(...sources.slice(0, 1)) // by a run that remembers nothing of the other
    return sources.reduce((sum, { size }) => sum + size, 0)
  }

  test("none of its words is found, or counted, or costs a row for each session", async () => {
    expect(await sessions(40)).toBeGreaterThan(40 * 150_000)
    for (const word of common) expect([word, hits(word).total]).toEqual([word, 0])
    expect(hits("zebra7").total).toBe(2) // the prompt, and the tool's answer
    expect(harness.ask((index) => index.stats().parts)).toBe(40 * 4)
    expect(statSync(harness.database).size).toBeLessThan(1 << 20)
  })

  test("asked for, each text is found once, among whatever else is", async () => {
    await sessions(3)
    const all = hits("commit", { allParts: true })
    expect(all.total).toBeGreaterThan(5)
    expect(new Set(all.hits.map(({ text }) => text)).size).toBe(all.hits.length)
    expect(new Set(all.hits.map(({ role }) => role))).toEqual(new Set(["system"]))
    expect(hits("commit", { role: "system" }).total).toBe(all.total)
    expect(harness.ask((index) => index.recent({ kind: "attachment" }, 9))).toEqual([])
    expect(
      harness.ask((index) => index.recent({ kind: "attachment", allParts: true }, 9)).length,
    ).toBeGreaterThan(5)
  })
})

test("a message whose words the client says too is found all the same", async () => {
  const reminder = {
    type: "attachment",
    attachment: { type: "critical_system_reminder", content: "git commit" },
  }
  await harness.read(harness.write(say(0, reminder) + say(1, user("git commit")) + say(2, reminder)))
  expect(hits("git commit").hits.map(({ role }) => role)).toEqual(["user"])
  expect(hits("git commit", { allParts: true }).total).toBe(2)
})

test("what stands around a hit is what was said", async () => {
  const reminder = { type: "attachment", attachment: { type: "todo_reminder", content: "never say this" } }
  await harness.read(
    harness.write(
      say(0, user("one")) + say(1, reminder) + say(2, user("the needle")) + say(3, assistant("three")),
    ),
  )
  const [hit] = hits("needle").hits
  const around = harness.ask((index) => index.around(hit?.part ?? 0, 2, 2).map(({ text }) => text))
  expect(around).toEqual(["one", "the needle", "three"])
})

describe("what this program printed", () => {
  const asked = (id: string) => calls("Bash", id, { command: "session-rescue cxq wombat | head" })

  test("is not found again; the call is, and the result is asked for with all parts", async () => {
    await harness.read(
      harness.write(
        say(0, asked("c1")) +
          say(1, toolResult("c1", "a wombat, said yesterday")) +
          say(2, calls("Bash", "c2", { command: "npm test" })) +
          say(3, toolResult("c2", "a wombat failed")),
      ),
    )
    expect(
      hits("wombat")
        .hits.map(({ text }) => text)
        .toSorted(),
    ).toEqual(["a wombat failed"]) // nor is the question
    expect(hits("wombat", { allParts: true }).total).toBe(2)
    const runs = harness.ask((index) => index.commands({}, 9).map(({ result }) => result?.text))
    expect(runs.toSorted()).toEqual(["a wombat failed", "a wombat, said yesterday"])
  })

  test("when the call was read in an earlier run", async () => {
    await harness.read(harness.write(say(0, asked("c1"))))
    await harness.read(harness.append(say(1, toolResult("c1", "a wombat"))))
    expect([hits("wombat").total, hits("wombat", { allParts: true }).total]).toEqual([0, 1])
  })

  test("and where it was kept in a file of its own", async () => {
    const kept = "Output too large. Full output saved to: /h/tool-results/b1.txt"
    await harness.read(harness.write(say(0, asked("c1")) + say(1, toolResult("c1", kept))))
    const file = (name: string) =>
      harness.source(harness.write("a wombat, kept\n", name), {
        form: "text",
        document: `projects/-w/x/tool-results/${name}`,
      })
    await harness.read(file("b1.txt"), file("b2.txt"))
    expect(hits("kept").hits.map(({ source }) => source.document)).toEqual([
      "projects/-w/x/tool-results/b2.txt",
    ])
  })
})
