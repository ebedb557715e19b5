/** A stand-in for the API of OpenAI's chat completions (`/v1/chat/completions`), on loopback. */

interface Message {
  readonly role?: string
  readonly content?: unknown
}

interface Body {
  readonly model?: string
  readonly messages?: readonly Message[]
  readonly tools?: readonly unknown[]
}

export interface ChatApi {
  readonly url: string
  close(): void
}

/**
 * Answers `mock reply to …`; a prompt with `@@hang` gets no answer at all, one with `@@run COMMAND` a call of the tool
 * `bash`, and an answer once its result is back.
 */
export function startChatApi(): ChatApi {
  let count = 0
  const server = Bun.serve({
    hostname: "127.0.0.1",
    port: 0,
    idleTimeout: 0,
    async fetch(request) {
      if (!new URL(request.url).pathname.endsWith("/chat/completions"))
        return Response.json({ object: "list", data: [] })
      const body = (await request.json()) as Body
      const prompt = promptIn(body)
      const isMain = (body.tools ?? []).length > 0
      if (isMain && prompt.includes("@@hang")) return new Promise<Response>(() => {})
      const command = /@@run (.+)/.exec(prompt)?.[1]
      const isDue = isMain && command !== undefined && body.messages?.at(-1)?.role !== "tool"
      return answer(body, `mock reply to ${prompt}`, isDue ? command : null, ++count)
    },
  })
  return { url: `http://127.0.0.1:${server.port}/v1`, close: () => server.stop(true) }
}

function promptIn({ messages = [] }: Body): string {
  const said = messages.filter(({ role }) => role === "user").map(({ content }) => textOf(content).trim())
  return said.findLast((text) => text !== "") ?? ""
}

function textOf(content: unknown): string {
  if (!Array.isArray(content)) return String(content ?? "")
  return content.map((part: { text?: unknown }) => part.text ?? "").join("")
}

function answer({ model }: Body, content: string, command: string | null, number: number): Response {
  const base = { id: `chat-${number}`, object: "chat.completion.chunk", created: 0, model }
  const input = JSON.stringify({ command, description: "a command" })
  const call = {
    index: 0,
    id: `call_${number}`,
    type: "function",
    function: { name: "bash", arguments: input },
  }
  const delta = command === null ? { role: "assistant", content } : { role: "assistant", tool_calls: [call] }
  const usage = { prompt_tokens: 1000, completion_tokens: 20, total_tokens: 1020 }
  const chunks = [
    { ...base, choices: [{ index: 0, delta, finish_reason: null }] },
    { ...base, choices: [{ index: 0, delta: {}, finish_reason: command === null ? "stop" : "tool_calls" }] },
    { ...base, choices: [], usage },
  ]
  const lines = chunks.map((chunk) => `data: ${JSON.stringify(chunk)}\n\n`)
  return new Response(`${lines.join("")}data: [DONE]\n\n`, {
    headers: { "content-type": "text/event-stream" },
  })
}
