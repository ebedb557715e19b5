/** A transcript with everything that a transcript may contain, made up here. */
import { assistant, record, type Talk, toolResult, user } from "../../fixtures/talk/conversation.ts"

/** `mark`: a word that only this transcript contains. `long`: a text, for example one that is too long for memory. */
export function oddTranscript(talk: Talk, mark: string, long = `nothing long about ${mark}`): string {
  let number = 0
  const next = (more: Record<string, unknown>) => record(talk, number++, more)
  const call = (id: string, command: string) => ({
    type: "assistant",
    message: {
      ...{ id: `msg_${id}`, role: "assistant", model: "claude-model", stop_reason: "tool_use" },
      content: [
        { type: "thinking", thinking: `think of ${mark}` },
        { type: "tool_use", id, name: "Bash", input: { command } },
        { type: "tool_use", id: `${id}-edit`, name: "Edit", input: { file_path: `/work/${mark}.ts` } },
      ],
      usage: { input_tokens: 5, cache_read_input_tokens: 900, output_tokens: 40 },
    },
  })
  return [
    `${JSON.stringify({ type: "mode", mode: "normal", sessionId: talk.id })}\n`,
    next({ type: "attachment", attachment: { type: "todo_reminder", content: [`a reminder of ${mark}`] } }),
    next({ type: "system", content: `written by the client`, level: "error" }),
    next(user(`first prompt, ${mark}`)),
    next(user(`second prompt, ${mark}`)),
    next(call("toolu_1", `ls ${mark}`)),
    next(toolResult("toolu_1", `データ${mark}の記録 und cafe\u0301 \u0001 with a mark`)),
    next(call("toolu_2", `session-rescue cxq ${mark}`)),
    next(toolResult("toolu_2", `printed by this program: ${mark}; saved as tool-results/${mark}.txt`)),
    `${JSON.stringify({ type: "queue-operation", operation: "enqueue", sessionId: talk.id, content: `waits ${mark}`, timestamp: talk.at.toISOString() })}\n`,
    next(user(`waits ${mark}`)),
    "no record at all\n",
    `{"type":"user","broken\n\0\0\0\n`,
    "\n",
    next(user(`half a pair \ud800 of ${mark}`)),
    next(user([{ type: "tool_result", tool_use_id: "toolu_9", content: long, is_error: true }])),
    `${JSON.stringify({ type: "summary", summary: `about what follows, ${mark}`, leafUuid: uuidOf(talk, number + 1) })}\n`,
    next(assistant(`known soon, ${mark}`)),
    next(assistant(`now it is known, ${mark}`)),
    `${JSON.stringify({ type: "custom-title", customTitle: `title ${mark}`, sessionId: talk.id })}\n`,
    `${JSON.stringify({ type: "summary", summary: `half a pair \ud800 about nothing, ${mark}`, leafUuid: "absent" })}\n`,
    next({ type: "unheard-of", words: `a type of tomorrow, ${mark}` }),
    next({ type: "system", subtype: "compact_boundary", content: "" }),
    record({ ...talk, id: otherId(talk) }, 3, user(`of another session, ${mark}`)),
    ...Array.from({ length: 60 }, (_, index) =>
      next(user(`line ${index} of ${mark} `.repeat(1 + (index % 7)))),
    ),
    `{"type":"user","uuid":"torn`,
  ].join("")
}

function otherId({ id }: Talk): string {
  return `b${id.slice(1)}`
}

function uuidOf({ id }: Talk, number: number): string {
  return `${number.toString(16).padStart(8, "0")}${id.slice(8)}`
}

/** A text for a line that is not kept in memory. */
export const longText = `a long text ${"x".repeat(600_000)} with an end`
