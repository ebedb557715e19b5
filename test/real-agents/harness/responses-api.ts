/** A stand-in for the API that Codex speaks (`/v1/responses`), on loopback. */

interface Body {
  readonly model?: string
  readonly input?: readonly { readonly role?: string; readonly content?: unknown }[]
  readonly tools?: readonly unknown[]
}

export interface ResponsesApi {
  readonly url: string
  close(): void
}

/** Answers `mock reply to …`; a prompt with `@@hang` in it gets no answer at all. */
export function startResponsesApi(): ResponsesApi {
  let count = 0
  const server = Bun.serve({
    hostname: "127.0.0.1",
    port: 0,
    idleTimeout: 0,
    async fetch(request) {
      const { pathname } = new URL(request.url)
      if (!pathname.endsWith("/responses")) return Response.json({ object: "list", data: [], models: [] })
      const body = (await request.json()) as Body
      const prompt = promptIn(body)
      if (prompt.includes("@@hang") && (body.tools ?? []).length > 0) return new Promise<Response>(() => {})
      return answer(body, `mock reply to ${prompt}`, ++count)
    },
  })
  return { url: `http://127.0.0.1:${server.port}/v1`, close: () => server.stop(true) }
}

/** What was typed last, without what the client adds. */
function promptIn({ input = [] }: Body): string {
  const typed = input
    .filter(({ role }) => role === "user")
    .map(({ content }) => textIn(content))
    .filter((text) => !text.startsWith("<"))
  return typed.at(-1) ?? ""
}

function textIn(content: unknown): string {
  if (!Array.isArray(content)) return String(content ?? "")
  return content.map((part: { text?: unknown }) => part.text ?? "").join("")
}

/** The events of one whole answer. */
function answer({ model }: Body, text: string, number: number): Response {
  const message = {
    type: "message",
    id: `msg_${number}`,
    role: "assistant",
    status: "completed",
    content: [{ type: "output_text", text, annotations: [] }],
  }
  const usage = { input_tokens: 1000, output_tokens: 20, total_tokens: 1020 }
  const whole = {
    id: `resp_${number}`,
    object: "response",
    created_at: 0,
    model,
    status: "completed",
    output: [message],
    usage,
  }
  const place = { item_id: message.id, output_index: 0, content_index: 0 }
  const events: [string, Record<string, unknown>][] = [
    ["response.created", { response: { ...whole, status: "in_progress", output: [], usage: null } }],
    [
      "response.output_item.added",
      { output_index: 0, item: { ...message, status: "in_progress", content: [] } },
    ],
    ["response.output_text.delta", { ...place, delta: text }],
    ["response.output_item.done", { output_index: 0, item: message }],
    ["response.completed", { response: whole }],
  ]
  const lines = events.map(
    ([type, data], sequence_number) =>
      `event: ${type}\ndata: ${JSON.stringify({ type, sequence_number, ...data })}\n\n`,
  )
  return new Response(lines.join(""), { headers: { "content-type": "text/event-stream" } })
}
