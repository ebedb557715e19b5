import { afterAll, beforeAll, describe, expect, test } from "bun:test"
import { assistant, record, sessionId, type Talk, user } from "../../../fixtures/talk/conversation.ts"
import { IndexHarness } from "../index-harness.ts"

const harness = new IndexHarness()
const early: Talk = { id: sessionId(5), cwd: "/work/early", at: new Date("2026-01-05T10:00:00Z") }
const late: Talk = { id: sessionId(6), cwd: "/work/late", at: new Date("2026-02-07T10:00:00Z") }

function call(name: string, id: string, input: object, usage?: object): Record<string, unknown> {
  const content = [{ type: "tool_use", id, name, input }]
  const message = {
    id: `msg_${id}`,
    role: "assistant",
    model: "model-x",
    content,
    ...(usage ? { usage } : {}),
  }
  return { type: "assistant", message }
}
const answer = (id: string, content: unknown, failed = false) =>
  user([{ type: "tool_result", tool_use_id: id, content, is_error: failed }])
const use = {
  input_tokens: 1,
  cache_creation_input_tokens: 20,
  cache_read_input_tokens: 300,
  output_tokens: 4000,
}

beforeAll(async () => {
  const first = [
    record(early, 0, user("please build it")),
    record(early, 1, call("Bash", "e1", { command: "make all", description: "Builds" }, use)),
    record(early, 2, answer("e1", "error: no rule", true)),
    record(early, 3, assistant("I will look at the Makefile.")),
    record(
      early,
      4,
      call("Edit", "e2", { file_path: "/work/early/Makefile", old_string: "a", new_string: "b" }),
    ),
    record(early, 5, answer("e2", [{ type: "text", text: "done" }])),
    record(early, 6, call("Bash", "e3", { command: "make all" })),
  ].join("")
  const second = [
    record(late, 0, user("write the page")),
    // one answer, spread over two records, as the client does it: the cost is the same one
    record(late, 1, {
      ...assistant("Thinking about it."),
      message: {
        ...(call("x", "l1", {}, use).message as object),
        content: [{ type: "thinking", thinking: "hmm" }],
      },
    }),
    record(
      late,
      2,
      call(
        "Write",
        "l1",
        { file_path: "/work/late/page.html", content: "<p>" },
        { ...use, output_tokens: 5000 },
      ),
    ),
    record(late, 3, call("Read", "l2", { file_path: "/work/early/Makefile" })),
    `${JSON.stringify({ type: "custom-title", customTitle: "The page", sessionId: late.id })}\n`,
    `${JSON.stringify({ type: "summary", summary: "a weaker name", leafUuid: "1", sessionId: late.id })}\n`,
  ].join("")
  // the newer session is read first: lists go by time all the same
  await harness.read(
    harness.source(harness.write(second, "2.jsonl"), { session: late.id }),
    harness.source(harness.write(first, "1.jsonl"), { session: early.id }),
  )
})
afterAll(() => harness.dispose())

describe("lists", () => {
  test("what was said last, the newest first, in whatever order it was read", () => {
    const texts = harness.ask((index) => index.recent({}, 4).map(({ text }) => text))
    expect(texts).toEqual(["/work/early/Makefile", "/work/late/page.html\n<p>", "hmm", "write the page"])
    const days = harness.ask((index) =>
      index.recent({ until: Date.parse("2026-02-01") }, 2).map(({ text }) => text),
    )
    expect(days).toEqual(["make all", "done"])
    expect(harness.ask((index) => index.recent({ since: Date.parse("2026-02-01") }, 50))).toHaveLength(4)
    expect(harness.ask((index) => index.recent({}, 50))).toHaveLength(12)
  })

  test("shell commands, with what came of them", () => {
    const runs = harness.ask((index) => index.commands({}, 9))
    expect(runs.map(({ call, result }) => [call.command, result?.text, result?.isError])).toEqual([
      ["make all", undefined, undefined],
      ["make all", "error: no rule", true],
    ])
    expect(runs[1]?.call.text).toBe("make all\nBuilds")
  })

  test("failures, the call they answer, and what was done next", () => {
    const [failure, ...more] = harness.ask((index) => index.failures({}, 9, 2))
    expect(more).toEqual([])
    expect(failure?.call?.command).toBe("make all")
    expect(failure?.next.map(({ text }) => text)).toEqual([
      "I will look at the Makefile.",
      "/work/early/Makefile\na\nb",
    ])
  })

  test("files touched, by whom and when last", () => {
    expect(harness.ask((index) => index.files({}, 9))).toEqual([
      {
        path: "/work/early/Makefile",
        times: 2,
        sessions: 2,
        last: late.at.getTime() - 7000,
        tools: ["Edit", "Read"],
      },
      {
        path: "/work/late/page.html",
        times: 1,
        sessions: 1,
        last: late.at.getTime() - 8000,
        tools: ["Write"],
      },
    ])
    expect(harness.ask((index) => index.files({ tool: "Write" }, 9)).map(({ path }) => path)).toEqual([
      "/work/late/page.html",
    ])
    expect(harness.ask((index) => index.files({ since: late.at.getTime() - 7000 }, 9))).toHaveLength(1)
  })

  test("tokens: every answer once, with what its last record says", () => {
    const by = (group: "day" | "session" | "model") =>
      harness.ask((index) => index.tokens(group, { limit: 9 }))
    const sums = { cacheWrite: 20, cacheRead: 300 }
    expect(by("day")).toEqual([
      { key: "2026-02-07", title: null, input: 1, ...sums, output: 5000, answers: 1 },
      {
        key: "2026-01-05",
        title: null,
        input: 901,
        cacheWrite: 80,
        cacheRead: 340,
        output: 4020,
        answers: 2,
      },
    ])
    expect(by("session").map(({ key, title, output }) => [key, title, output])).toEqual([
      [late.id, "The page", 5000],
      [early.id, "please build it", 4020],
    ])
    expect(by("model").map(({ key, output }) => [key, output])).toEqual([
      ["model-x", 9000],
      ["unknown", 20],
    ])
    const ahead = (time: number) => new Date(time + 15 * 3_600_000).toISOString().slice(0, 10)
    const night = harness.ask((index) => index.tokens("day", { limit: 9, dayOf: ahead }))
    expect(night.map(({ key }) => key)).toEqual(["2026-02-08", "2026-01-06"])
  })

  test("what stands around a part, in the file's order", () => {
    const [hit] = harness.ask((index) => index.search("Makefile look", {}, 1).hits)
    const around = harness.ask((index) => index.around(hit?.part ?? 0, 2, 1).map(({ text }) => text))
    expect(around).toEqual([
      "make all\nBuilds",
      "error: no rule",
      "I will look at the Makefile.",
      "/work/early/Makefile\na\nb",
    ])
  })

  test("figures of the whole index", () => {
    expect(harness.ask((index) => index.stats())).toMatchObject({
      ...{ sessions: 2, parts: 12, damaged: 0, first: early.at.getTime() - 10_000 },
      byAgent: [{ agent: "claude-code", sessions: 2, parts: 12 }],
    })
  })
})
