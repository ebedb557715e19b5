import { describe, expect, test } from "bun:test"
import {
  isConversation,
  lastConversationTime,
  unansweredSince,
} from "../../../plugins/detect/claude-code/records/last-message.ts"
import { assistant, toolResult, user } from "../../fixtures/talk/conversation.ts"

const at = Date.parse("2026-01-01T12:00:00Z")
const when = (second: number) => ({ timestamp: new Date(at + second * 1000).toISOString() })

describe("the conversation is carried by", () => {
  test.each([
    ["a prompt", user("hi")],
    ["an answer", assistant("hello")],
    ["a tool's result", toolResult("1")],
    ["a subagent's message", { ...user("dig"), isSidechain: true }],
    ["a prompt typed meanwhile", { type: "queue-operation", operation: "enqueue", content: "and this" }],
    [
      "the same, handed on",
      { type: "attachment", attachment: { type: "queued_command", prompt: "and this" } },
    ],
    ["a hook's answer", { type: "attachment", attachment: { type: "hook_success" } }],
    ["hooks that have run", { type: "system", subtype: "stop_hook_summary" }],
    ["a compaction", { type: "system", subtype: "compact_boundary" }],
    ["a tool at work", { type: "progress", data: { type: "bash_progress" } }],
  ])("%s", (_, record) => expect(isConversation(record)).toBe(true))
})

describe("it is not carried by", () => {
  test.each([
    "api-request",
    "api-request-shape",
    "api-request-blob",
    "mode",
    "permission-mode",
    "atis-latch",
    "tools-used",
    "cost-state",
    "file-history-snapshot",
    "last-prompt",
    "custom-title",
    "new-in-9.9",
  ])("a record of type %s", (type) => {
    const message = { role: "user", content: "hi" }
    expect(isConversation({ type, message, ...when(1) })).toBe(false)
  })

  test.each([
    [{ type: "attachment", attachment: { type: "prompt_snapshot" } }],
    [{ type: "attachment", attachment: { type: "new-in-9.9" } }],
    [{ type: "attachment" }],
    [{ type: "system", subtype: "turn_duration" }],
    [{ type: "system", subtype: "informational" }],
    [{ type: "queue-operation", operation: "remove" }],
    [{ type: "progress", data: { type: "query_update" } }],
    [{ type: "progress" }],
    [{}],
  ])("%j", (record) => expect(isConversation({ ...record, ...when(1) })).toBe(false))
})

test("its last record is the newest by its own time, wherever it stands, and never one from the future", () => {
  const records = [
    { ...assistant("hello"), ...when(3) },
    { ...user("hi"), ...when(1) },
    { type: "api-request", ...when(9) },
    { ...user("later"), ...when(1000) },
    { ...user("undated"), timestamp: undefined },
  ]
  expect(lastConversationTime(records, at + 60_000)).toBe(at + 3000)
  expect(lastConversationTime([{ ...user("undated"), timestamp: "never" }], at)).toBeNull()
})

test("requests count from then on, in the order of their times", () => {
  const records = [9, 2, 5, 1].map((second) => ({ type: "api-request", ...when(second) }))
  expect(unansweredSince(records, at + 2000)).toEqual([at + 5000, at + 9000])
  expect(unansweredSince([{ type: "api-request" }], null)).toEqual([])
})
