import { describe, expect, test } from "bun:test"
import { readParts } from "../../../plugins/detect/claude-code/parts/parts.ts"
import { assistant, sessionId, user } from "../../fixtures/talk/conversation.ts"

const about = {
  uuid: "u-1",
  sessionId: sessionId(1),
  timestamp: "2026-03-01T10:00:00.000Z",
  cwd: "/work",
  gitBranch: "main",
}
const parts = (record: Record<string, unknown>, document = "") =>
  readParts({ ...about, ...record }, document)?.parts
const said = (...content: object[]) => ({ type: "assistant", message: { role: "assistant", content } })

describe("what is said in a record", () => {
  test("a prompt, as a string and as parts", () => {
    const part = { kind: "text", role: "user", text: "hello" } as const
    expect(parts(user("hello"))).toEqual([part])
    expect(
      parts(
        user([
          { type: "text", text: "hello" },
          { type: "text", text: "hello" },
        ]),
      ),
    ).toEqual([part, part])
  })

  test("an answer, a thought, and what they cost", () => {
    const record = { ...about, ...assistant("done") }
    expect(readParts(record, "")).toMatchObject({
      ...{
        id: "u-1",
        session: about.sessionId,
        time: Date.parse(about.timestamp),
        cwd: "/work",
        branch: "main",
      },
      ...{ model: null, subagent: null, title: null },
      parts: [{ kind: "text", role: "assistant", text: "done" }],
      usage: { answer: "u-1", input: 900, cacheWrite: 60, cacheRead: 40, output: 20 },
    })
    expect(parts(said({ type: "thinking", thinking: "why", signature: "x" }))).toEqual([
      { kind: "thinking", role: "assistant", text: "why" },
    ])
    expect(parts(said({ type: "thinking", thinking: "", signature: "x" }))).toBeUndefined()
  })

  test.each([
    [
      "Bash",
      { command: "ls -l", description: "Lists", timeout: 5 },
      { text: "ls -l\nLists\n5", command: "ls -l" },
    ],
    [
      "Edit",
      { file_path: "/a.ts", old_string: "x", new_string: "y" },
      { text: "/a.ts\nx\ny", files: ["/a.ts"], edits: expect.any(Function) },
    ],
    [
      "Monitor",
      { command: "tail -f log", description: "errors" },
      { text: "tail -f log\nerrors", command: "tail -f log" },
    ],
    [
      "LSP",
      { operation: "hover", filePath: "src/a.ts", line: 3 },
      { text: "hover\nsrc/a.ts\n3", files: ["src/a.ts"] },
    ],
    ["mcp__fs__read_multiple_files", { paths: ["/a", "/b"] }, { text: "/a\n/b", files: ["/a", "/b"] }],
    ["Grep", { pattern: "foo", path: "/src" }, { text: "foo\n/src" }],
    ["mcp__db__query", { sql: ["a", { b: "c" }], deep: { n: 7, no: null } }, { text: "a\nc\n7" }],
    ["Odd", "only text", { text: "only text" }],
    ["None", null, { text: "" }],
  ])("a call of %s", (name, input, expected) => {
    expect(parts(said({ type: "tool_use", id: "t1", name, input }))).toEqual([
      { kind: "tool_use", role: "assistant", tool: name, call: "t1", ...expected },
    ])
  })

  test("a result: text, pieces, a failure, and of a picture only what it is", () => {
    const result = (content: unknown, more = {}) =>
      parts(user([{ type: "tool_result", tool_use_id: "t1", content, ...more }]))?.[0]
    const is = { kind: "tool_result", role: "tool", call: "t1" } as const
    expect(result("out")).toEqual({ ...is, text: "out" })
    expect(result("bad", { is_error: true })).toEqual({ ...is, text: "bad", isError: true })
    const picture = {
      type: "image",
      source: { type: "base64", media_type: "image/png", data: "A".repeat(9000) },
    }
    expect(result([{ type: "text", text: "see" }, picture])).toEqual({
      ...is,
      text: "see\n[image image/png, 9000 characters]",
      pictures: expect.any(Function),
    })
    expect(result(undefined)).toEqual({ ...is, text: "" })
  })

  test("base64 is no text wherever it stands", () => {
    const call = { type: "tool_use", id: "t", name: "X", input: { a: "QUJD".repeat(1000), b: "words" } }
    expect(parts(said(call))?.[0]?.text).toBe("words")
  })

  test("a compaction's boundary and its summary", () => {
    expect(parts({ type: "system", subtype: "compact_boundary", content: "Compacted" })).toEqual([
      { kind: "compaction", role: "system", text: "Compacted" },
    ])
    expect(parts({ ...user("In short: …"), isCompactSummary: true })).toEqual([
      { kind: "summary", role: "assistant", text: "In short: …" },
    ])
  })

  test("attachments and the client's own words", () => {
    expect(
      parts({ type: "attachment", attachment: { type: "queued_command", prompt: "also this" } }),
    ).toEqual([{ kind: "text", role: "user", text: "also this" }])
    expect(parts({ ...user("Caveat: …"), isMeta: true })?.[0]?.role).toBe("system")
  })

  test("what a person typed while the model was at work is that person's", () => {
    const queued = (more: object) =>
      parts({
        type: "attachment",
        attachment: { type: "queued_command", commandMode: "prompt", source_uuid: "u-1", ...more },
      })
    const said = { kind: "text", role: "user", text: "also this" } as const
    expect(queued({ prompt: "also this" })).toEqual([said])
    expect(queued({ prompt: "also this", origin: { kind: "human" } })).toEqual([said])
    expect(
      queued({
        prompt: [
          { type: "text", text: "also this" },
          { type: "image", source: { media_type: "image/png" } },
        ],
      }),
    ).toEqual([
      said,
      { kind: "attachment", role: "user", text: "[image image/png]", pictures: expect.any(Function) },
    ])
    for (const [other, role] of [
      [{ commandMode: "task-notification" }, "tool"],
      [{ isMeta: true }, "system"],
      [{ origin: { kind: "peer" } }, "user"],
      [{ origin: { kind: "coordinator" } }, "system"],
    ] as const)
      expect(queued({ prompt: "a task is done", ...other })).toEqual([
        { kind: "attachment", role, text: "a task is done" },
      ])
  })

  test("records in which nothing is said", () => {
    for (const type of [
      "file-history-snapshot",
      "queue-operation",
      "last-prompt",
      "progress",
      "mode",
      "api-request",
      "api-request-shape",
      "api-request-blob",
    ]) {
      expect(readParts({ ...about, type, content: "x" }, "")).toBeNull()
    }
  })

  test("a subagent is known by its file's name, or by the record", () => {
    const named = (record: object, document = "") =>
      readParts({ ...about, ...user("x"), ...record }, document)?.subagent
    expect(named({}, "projects/-work/ID/subagents/agent-a1b2.jsonl")).toBe("a1b2")
    expect(named({ isSidechain: true, agentId: "c3" })).toBe("c3")
    expect(named({ isSidechain: true })).toBe("sidechain")
    expect(named({})).toBeNull()
  })

  test("titles by their rank, and a prompt that may stand for one", () => {
    expect(readParts({ type: "custom-title", customTitle: "Mine" }, "")?.title).toEqual({
      text: "Mine",
      rank: 4,
    })
    expect(readParts({ type: "agent-name", agentName: "Its" }, "")?.title).toEqual({ text: "Its", rank: 3 })
    expect(readParts({ type: "ai-title", aiTitle: "Its" }, "")?.title).toEqual({ text: "Its", rank: 2 })
    expect(readParts({ type: "summary", summary: "Short" }, "")?.title).toEqual({ text: "Short", rank: 1 })
    expect(readParts({ ...about, ...user("first\nprompt") }, "")?.prompt?.()).toBe("first prompt")
    expect(readParts({ ...about, ...user("<command-name>/init</command-name>") }, "")?.prompt?.()).toBe(
      "/init",
    )
  })

  test("whatever stands where something else is expected", () => {
    const odd = [null, 5, "x", [], {}, [null], [[]], [{ type: 5 }], { type: "user" }, true]
    for (const type of ["user", "assistant", "system", "attachment", "summary", "custom-title"]) {
      for (const value of odd) {
        for (const key of [
          "message",
          "content",
          "attachment",
          "summary",
          "uuid",
          "timestamp",
          "customTitle",
        ]) {
          readParts({ type, [key]: value }, "")
          readParts({ type, message: { [key]: value, content: value, usage: value, model: value } }, "")
          readParts(
            {
              type,
              message: {
                content: [
                  { type: "tool_use", input: value },
                  { type: "tool_result", content: value },
                  { type: "image", source: value },
                  { type: "text", text: value },
                ],
              },
            },
            "",
          )
        }
      }
    }
  })
})
