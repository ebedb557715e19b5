import { describe, expect, test } from "bun:test"
import { readTurn } from "../../../plugins/detect/claude-code/records/turn.ts"
import { assistant, record, sessionId, toolCall, toolResult, user } from "../../fixtures/talk/conversation.ts"

const at = new Date("2026-01-01T12:00:00Z")

/** Reads a conversation; a number before a record is its second, otherwise they follow each other. */
function turn(...parts: Record<string, unknown>[]) {
  return readTurn(
    parts.map((part, number) => JSON.parse(record({ id: sessionId(1), cwd: "/", at }, number, part))),
  )
}
const when = (second: number) => ({ timestamp: new Date(at.getTime() + second * 1000).toISOString() })
const tools = (read: ReturnType<typeof turn>) => read.openCalls.map((call) => call.tool)

describe("a turn has ended", () => {
  test.each([
    ["with an answer", [user("hi"), assistant("hello")]],
    ["with an answer that was too long", [user("hi"), assistant("hello", "max_tokens")]],
    ["with an answer of an old file, without a reason", [user("hi"), assistant("hello", null)]],
    [
      "with an API error",
      [user("hi"), { ...assistant("API Error", "stop_sequence"), isApiErrorMessage: true }],
    ],
    ["when the user interrupted it", [user("hi"), user("[Request interrupted by user]")]],
    [
      "when the user interrupted its tool",
      [user("hi"), toolCall("Bash", "1"), user("[Request interrupted by user for tool use]")],
    ],
    [
      "and a local command came after it",
      [
        user("hi"),
        assistant("hello"),
        user("<command-name>/model</command-name>"),
        user("<local-command-stdout>x</local-command-stdout>"),
      ],
    ],
    [
      "and a shell command came after it",
      [
        user("hi"),
        assistant("hello"),
        user("<bash-input>ls</bash-input>"),
        user("<bash-stdout>x</bash-stdout>"),
      ],
    ],
    [
      "and only bookkeeping came after it",
      [user("hi"), assistant("hello"), { type: "system", subtype: "turn_duration" }, { type: "new-in-9.9" }],
    ],
    ["and a subagent still wrote", [user("hi"), assistant("hello"), { ...user("go"), isSidechain: true }]],
    [
      "when /compact made a summary",
      [
        { type: "system", subtype: "compact_boundary", compactMetadata: { trigger: "manual" } },
        { ...user("This session…"), isCompactSummary: true },
      ],
    ],
    [
      "although an older call never got its result",
      [
        user("hi"),
        toolCall("Bash", "1"),
        user("[Request interrupted by user]"),
        user("go on"),
        assistant("done"),
      ],
    ],
  ])("%s", (_, parts) => {
    expect(turn(...parts)).toMatchObject({ phase: "ended", openCalls: [] })
  })

  test("in the first turn too, where the client writes the answer before the question", () => {
    expect(turn({ ...assistant("hello"), ...when(2) }, { ...user("hi"), ...when(1) }).phase).toBe("ended")
  })
})

describe("a turn is not over", () => {
  test.each([
    ["after a prompt", [user("hi")], []],
    ["after a second prompt", [user("hi"), assistant("hello"), user("more")], []],
    ["after a tool's call", [user("hi"), toolCall("Bash", "1")], ["Bash"]],
    ["after a tool's result", [user("hi"), toolCall("Bash", "1"), toolResult("1")], []],
    [
      "after one of two calls",
      [user("hi"), toolCall("Bash", "1"), toolCall("Read", "2"), toolResult("2")],
      ["Bash"],
    ],
    [
      "after a thought",
      [user("hi"), { type: "assistant", message: { content: [{ type: "thinking" }], stop_reason: null } }],
      [],
    ],
    ["when the model paused", [user("hi"), assistant("hm", "pause_turn")], []],
    [
      "when the client compacted by itself",
      [
        { type: "system", subtype: "compact_boundary", compactMetadata: { trigger: "auto" } },
        { ...user("This session…"), isCompactSummary: true },
      ],
      [],
    ],
    [
      "when a hook's note came between call and result",
      [user("hi"), toolCall("Bash", "1"), { ...user("note"), isMeta: true }],
      ["Bash"],
    ],
  ])("%s", (_, parts, open) => {
    const read = turn(...parts)
    expect([read.phase, tools(read)]).toEqual(["mid-turn", open])
  })

  test("an open call tells when it was made", () => {
    const { openCalls } = turn(user("hi"), { ...toolCall("Bash", "1"), ...when(5) })
    expect(openCalls).toEqual([{ tool: "Bash", at: at.getTime() + 5000, summary: null }])
  })

  test.each([
    ["Bash", { command: "rm -rf build\necho done", description: "clean up" }, "rm -rf build"],
    ["Bash", { command: "\n\tmake   test\r\n" }, "make test"],
    ["Write", { content: "a\nb", file_path: "/work/a.ts" }, "/work/a.ts"],
    ["Grep", { pattern: "waits for", path: "/work" }, "waits for"],
    ["Agent", { description: "dig", prompt: "dig here" }, "dig"],
    ["AskUserQuestion", { questions: [{ question: "Which colour?", options: [] }] }, "Which colour?"],
    ["Bash", { command: "x".repeat(200) }, `${"x".repeat(79)}…`],
    ["Bash", { command: "é".normalize("NFD").repeat(79) }, "é".normalize("NFD").repeat(79)],
    ["Later", 7, "7"],
    ["Later", null, null],
  ])("an open call of %s with %j is about %j", (tool, input, about) => {
    const call = toolCall(tool, "1")
    const [part] = (call.message as { content: { input: unknown }[] }).content
    if (part) part.input = input
    expect(turn(user("hi"), call).openCalls).toMatchObject([{ tool, summary: about }])
  })
})

test("without a message nothing is said about the turn", () => {
  expect(turn({ type: "mode" })).toMatchObject({ phase: "unknown", openCalls: [] })
  expect(turn(user("<command-name>/clear</command-name>"))).toMatchObject({ phase: "unknown" })
})
