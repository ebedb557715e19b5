import { expect, test } from "bun:test"
import cline from "../../plugins/detect/cline/index.ts"
import gemini from "../../plugins/detect/gemini/index.ts"
import kimi from "../../plugins/detect/kimi/index.ts"
import qwen from "../../plugins/detect/qwen/index.ts"

/** A call of each agent, as its records have it. */
const calls = {
  gemini: (name: string, args: object) => ({
    ...{ type: "gemini", id: "m1", timestamp: "2026-11-27T10:00:00.000Z", content: "" },
    toolCalls: [{ id: "c1", name, args, status: "success" }],
  }),
  qwen: (name: string, args: object) => ({
    ...{ type: "assistant", uuid: "m1", timestamp: "2026-11-27T10:00:00.000Z" },
    message: { role: "model", parts: [{ functionCall: { id: "c1", name, args } }] },
  }),
  cline: (name: string, args: object) => ({
    ...{ id: "m1", role: "assistant", ts: 1_795_000_000_000 },
    content: [{ type: "tool_use", id: "c1", name, input: args }],
  }),
  kimi: (name: string, args: object) => ({
    ...{ type: "context.append_loop_event", time: 1_795_000_000_000 },
    event: { type: "tool.call", uuid: "m1", toolCallId: "c1", name, args },
  }),
}
const plugins = { gemini, qwen, kimi, cline }

test.each(Object.keys(calls) as (keyof typeof calls)[])("%s: our own answers are known as such", (agent) => {
  const isOurs = (name: string, args: object) => {
    const read = plugins[agent].readRecord?.(calls[agent](name, args) as never, "")
    const parts = [read ?? []].flat().flatMap((each) => each.parts)
    const call = parts.find(({ kind }) => kind === "tool_use")
    if (call === undefined) throw new Error(`${agent}: no call in ${JSON.stringify(read)}`)
    return call.bySessionRescue === true
  }
  expect(isOurs("shell", { command: "session-rescue cxq 'login page'" })).toBe(true)
  expect(isOurs("mcp__session-rescue__search", { query: "login page" })).toBe(true)
  expect(isOurs("shell", { command: "grep -r 'login page' ." })).toBe(false)
  expect(isOurs("search", { query: "login page" })).toBe(false)
})
