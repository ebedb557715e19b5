/** A stand-in for the API that many agents speak (`/v1/chat/completions`), on loopback; streamed where that is asked for. */

interface Message {
  readonly role?: string
  readonly content?: unknown
}

interface Body {
  readonly model?: string
  readonly stream?: boolean
  readonly messages?: readonly Message[]
  readonly tools?: readonly unknown[]
}

export interface ChatApi {
  readonly url: string
  close(): void
}

/**
 * Answers `mock reply to …`. Where tools are offered, a prompt with `@@hang` in it gets no answer at all, and one with
 * `@@tool NAME {…}` a call of that tool, then a reply.
 */
export function startChatApi(): ChatApi {
  let count = 0
  const server = Bun.serve({
    hostname: "127.0.0.1",
    port: 0,
    idleTimeout: 0,
    async fetch(request) {
      const { pathname } = new URL(request.url)
      if (!pathname.endsWith("/chat/completions")) return Response.json({ object: "list", data: [] })
      const body = (await request.json()) as Body
      const prompt = promptIn(body)
      const offered = (body.tools ?? []).length > 0
      if (offered && prompt.includes("@@hang")) return new Promise<Response>(() => {})
      const call = offered && body.messages?.at(-1)?.role !== "tool" ? toolIn(prompt) : null
      return answer(body, call === null ? { text: `mock reply to ${prompt}` } : { call }, ++count)
    },
  })
  return { url: `http://127.0.0.1:${server.port}/v1`, close: () => server.stop(true) }
}

/** What was typed last, without what the client adds in tags of its own. */
function promptIn({ messages = [] }: Body): string {
  const typed = messages
    .filter(({ role }) => role === "user")
    .map(({ content }) =>
      textIn(content)
        .replace(/<([a-z_-]+)>[\s\S]*?<\/\1>/g, "")
        .trim(),
    )
  return typed.findLast((text) => text !== "") ?? ""
}

function textIn(content: unknown): string {
  if (!Array.isArray(content)) return String(content ?? "")
  return content.map((part: { text?: unknown }) => part.text ?? "").join("\n")
}

interface Call {
  readonly name: string
  readonly input: string
}

function toolIn(prompt: string): Call | null {
  const [, name = "", input = ""] = /@@tool (\S+) (\{.*\})/.exec(prompt) ?? []
  return name === "" ? null : { name, input }
}

function answer(
  { model, stream }: Body,
  { text, call }: { text?: string; call?: Call },
  number: number,
): Response {
  const base = { id: `chatcmpl-${number}`, created: 0, model }
  const usage = { prompt_tokens: 1000, completion_tokens: 20, total_tokens: 1020 }
  const calls =
    call === undefined
      ? {}
      : {
          tool_calls: [
            {
              index: 0,
              id: `call_${number}`,
              type: "function",
              function: { name: call.name, arguments: call.input },
            },
          ],
        }
  const message = { role: "assistant", content: text ?? null, ...calls }
  const end = call === undefined ? "stop" : "tool_calls"
  if (stream !== true) {
    const choices = [{ index: 0, message, finish_reason: end }]
    return Response.json({ ...base, object: "chat.completion", choices, usage })
  }
  const chunk = (delta: unknown, finish: string | null) => ({
    ...base,
    object: "chat.completion.chunk",
    choices: [{ index: 0, delta, finish_reason: finish }],
  })
  const last = { ...base, object: "chat.completion.chunk", choices: [], usage }
  const chunks = [chunk(message, null), chunk({}, end), last].map(
    (each) => `data: ${JSON.stringify(each)}\n\n`,
  )
  return new Response(`${chunks.join("")}data: [DONE]\n\n`, {
    headers: { "content-type": "text/event-stream" },
  })
}
