import type { Step } from "./mock-script.ts"

let count = 0

/** One answer of the model, as the Messages API gives it: a stream of events, or one object. */
export function reply(step: Step, body: { model?: string; stream?: boolean }, text: string): Response {
  if (step.do === "error") {
    const error = { type: "error", error: { type: "overloaded_error", message: "mock" } }
    return Response.json(error, { status: step.code })
  }
  const id = `mock_${++count}`
  const stop = step.do === "tool" ? "tool_use" : "end_turn"
  const usage = {
    input_tokens: (step.do === "text" && step.usage) || 1000,
    cache_creation_input_tokens: 0,
    cache_read_input_tokens: 0,
    output_tokens: 20,
  }
  const message = {
    id: `msg_${id}`,
    type: "message",
    role: "assistant",
    model: body.model,
    content: [] as unknown[],
    stop_reason: null as string | null,
    stop_sequence: null,
    usage,
  }
  const block =
    step.do === "tool"
      ? { type: "tool_use", id: `toolu_${id}`, name: step.name, input: {} }
      : { type: "text", text: "" }
  if (!body.stream) {
    const content = step.do === "tool" ? { ...block, input: JSON.parse(step.input) } : { ...block, text }
    return Response.json({ ...message, content: [content], stop_reason: stop })
  }
  const delta =
    step.do === "tool" ? { type: "input_json_delta", partial_json: step.input } : { type: "text_delta", text }
  const events = [
    { type: "message_start", message },
    { type: "content_block_start", index: 0, content_block: block },
    { type: "content_block_delta", index: 0, delta },
    { type: "content_block_stop", index: 0 },
    {
      type: "message_delta",
      delta: { stop_reason: stop, stop_sequence: null },
      usage: { output_tokens: 20 },
    },
    { type: "message_stop" },
  ]
  const stream = events.map((event) => `event: ${event.type}\ndata: ${JSON.stringify(event)}\n\n`).join("")
  return new Response(stream, { headers: { "content-type": "text/event-stream" } })
}
