/** A stand-in for the API that Codex speaks (`/v1/responses`), on loopback. */

interface Input {
  readonly type?: string
  readonly role?: string
  readonly content?: unknown
  readonly output?: unknown
}

interface Body {
  readonly model?: string
  readonly input?: readonly Input[]
  readonly tools?: readonly Tool[]
}

interface Tool {
  readonly type?: string
  readonly name?: string
  /** Of a server: its tools are in its namespace. */
  readonly tools?: readonly Tool[]
}

export interface ResponsesApi {
  readonly url: string
  /** What the client's tools have answered, as it was handed to the model. */
  readonly outputs: readonly string[]
  close(): void
}

/**
 * Answers `mock reply to …`; a prompt with `@@hang` in it gets no answer at all, one with `@@call NAME {json}` a call
 * of the tool of that name, and one with `@@usage N` says that N tokens were sent.
 */
export function startResponsesApi(): ResponsesApi {
  let count = 0
  const outputs: string[] = []
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
      const [, name, given] = /@@call (\S+) (\{.*\})/.exec(prompt) ?? []
      const last = body.input?.at(-1)
      if (last?.type === "function_call_output") outputs.push(textOf(last.output))
      const tool = name === undefined ? null : toolNamed(name, body)
      if (tool !== null && last?.type !== "function_call_output")
        return answer(body, functionCall(tool, given ?? "{}", ++count), count)
      return answer(body, message(`mock reply to ${prompt}`, ++count), count)
    },
  })
  return { url: `http://127.0.0.1:${server.port}/v1`, outputs, close: () => server.stop(true) }
}

interface NamedTool {
  readonly name: string
  readonly namespace?: string
}

/** By the end of its name: the client puts its server before it, or has it in a namespace. */
function toolNamed(name: string, { tools = [] }: Body): NamedTool | null {
  for (const tool of tools) {
    if (tool.name?.endsWith(name) && tool.tools === undefined) return { name: tool.name }
    const inside = tool.tools?.find((each) => each.name === name)
    if (inside?.name !== undefined && tool.name !== undefined)
      return { name: inside.name, namespace: tool.name }
  }
  return null
}

function textOf(output: unknown): string {
  if (typeof output === "string") return output
  return Array.isArray(output) ? textIn(output) : JSON.stringify(output)
}

type Item = Readonly<Record<string, unknown>> & { readonly id: string }

function functionCall({ name, namespace }: NamedTool, given: string, number: number): Item {
  const about = { type: "function_call", id: `fc_${number}`, status: "completed", call_id: `call_${number}` }
  return { ...about, name, arguments: given, ...(namespace === undefined ? {} : { namespace }) }
}

function message(text: string, number: number): Item {
  return {
    type: "message",
    id: `msg_${number}`,
    role: "assistant",
    status: "completed",
    content: [{ type: "output_text", text, annotations: [] }],
  }
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
function answer(body: Body, item: Item, number: number): Response {
  const { model } = body
  const prompt = promptIn(body)
  const sent = Number(/@@usage (\d+)/.exec(prompt)?.[1] ?? 1000)
  const usage = { input_tokens: sent, output_tokens: 20, total_tokens: sent + 20 }
  const whole = {
    id: `resp_${number}`,
    object: "response",
    created_at: 0,
    model,
    status: "completed",
    output: [item],
    usage,
  }
  const place = { item_id: item.id, output_index: 0, content_index: 0 }
  const [said] = Array.isArray(item.content) ? (item.content as { text: string }[]) : []
  const events: [string, Record<string, unknown>][] = [
    ["response.created", { response: { ...whole, status: "in_progress", output: [], usage: null } }],
    [
      "response.output_item.added",
      {
        output_index: 0,
        item: { ...item, status: "in_progress", ...(said === undefined ? {} : { content: [] }) },
      },
    ],
    ...(said === undefined
      ? []
      : [["response.output_text.delta", { ...place, delta: said.text }] satisfies [string, object] as never]),
    ["response.output_item.done", { output_index: 0, item }],
    ["response.completed", { response: whole }],
  ]
  const lines = events.map(
    ([type, data], sequence_number) =>
      `event: ${type}\ndata: ${JSON.stringify({ type, sequence_number, ...data })}\n\n`,
  )
  return new Response(lines.join(""), { headers: { "content-type": "text/event-stream" } })
}
