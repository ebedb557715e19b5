import { reasonRefused } from "./api-rules.ts"
import { reply } from "./mock-reply.ts"
import { type Message, promptIn, stepFor } from "./mock-script.ts"

interface Body {
  model?: string
  stream?: boolean
  messages?: Message[]
  tools?: unknown[]
}

export interface MockApi {
  url: string
  /** Whether a turn was asked for whose prompt contains `text`. */
  asked(text: string): boolean
  /** The newest prompt of every request so far, with all that the client put into it. */
  prompts(): readonly string[]
  /** The messages of the newest request for a turn, as the client sent them. */
  sent(): readonly Message[]
  /** From now on refuses what the real API refuses, and says why each time. */
  refuses(): readonly string[]
  /** Lets every request that hangs go on with a short text. */
  release(): void
  close(): void
}

/** A stand-in for the model API on loopback: enough of /v1/messages for the client to hold a conversation. */
export function startMockApi(): MockApi {
  const prompts: string[] = []
  let newest: readonly Message[] = []
  let refusals: string[] | null = null
  let released = Promise.withResolvers<void>()

  async function messages(text: string): Promise<Response> {
    const body = JSON.parse(text) as Body
    const all = body.messages ?? []
    const isAside = !body.tools?.length // the client's own questions: a title, a command's prefix
    if (isAside) return reply({ do: "text" }, body, '{"title":"mock title"}')
    const prompt = promptIn(all)
    prompts.push(prompt)
    newest = all
    const refused = refusals === null ? null : reasonRefused(text, all)
    if (refused !== null) {
      refusals?.push(refused)
      const error = { type: "invalid_request_error", message: refused }
      return Response.json({ type: "error", error }, { status: 400 })
    }
    const step = stepFor(all)
    if (step.do === "hang") await released.promise
    if (step.do === "slow") await Bun.sleep(step.ms)
    return reply(step, body, `mock reply to ${prompt.trim().split("\n").at(-1)}`)
  }

  const server = Bun.serve({
    hostname: "127.0.0.1",
    port: 0,
    idleTimeout: 0,
    async fetch(request) {
      const { pathname } = new URL(request.url)
      if (pathname === "/v1/messages/count_tokens") return Response.json({ input_tokens: 1000 })
      if (pathname === "/v1/messages") return messages(await request.text())
      return new Response("{}", { status: 404 })
    },
  })
  return {
    url: `http://127.0.0.1:${server.port}`,
    prompts: () => prompts,
    sent: () => newest,
    refuses() {
      refusals ??= []
      return refusals
    },
    asked: (text) => prompts.some((prompt) => prompt.includes(text)),
    release() {
      released.resolve()
      released = Promise.withResolvers()
    },
    close() {
      released.resolve()
      server.stop(true)
    },
  }
}
