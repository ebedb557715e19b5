/** A stand-in for the API that Gemini CLI speaks (`…:streamGenerateContent`), on loopback. */

interface Content {
  readonly role?: string
  readonly parts?: readonly { readonly text?: string; readonly functionResponse?: unknown }[]
}

interface Body {
  readonly contents?: readonly Content[]
  readonly tools?: readonly unknown[]
  readonly generationConfig?: { readonly responseJsonSchema?: Schema; readonly responseSchema?: Schema }
}

interface Schema {
  readonly type?: string
  readonly enum?: readonly unknown[]
  readonly properties?: Readonly<Record<string, Schema>>
}

export interface GeminiApi {
  readonly url: string
  /** How many prompts came, answered or not. */
  readonly asked: number
  close(): void
}

/**
 * Answers `mock reply to …`. A prompt with `@@hang` in it gets no answer at all; `@@tool NAME {…}` is answered by a call of
 * that tool, and its result by a text.
 */
export function startGeminiApi(): GeminiApi {
  let count = 0
  let asked = 0
  const server = Bun.serve({
    hostname: "127.0.0.1",
    port: 0,
    idleTimeout: 0,
    async fetch(request) {
      const { pathname } = new URL(request.url)
      const [, model = "", act] = /models\/([^/:]+):(\w+)$/.exec(pathname) ?? []
      if (act === "countTokens") return Response.json({ totalTokens: 10 })
      if (act === undefined) return Response.json({ models: [] })
      const body = (await request.json()) as Body
      const { prompt, isResult } = typedIn(body)
      const offersTools = (body.tools ?? []).length > 0
      if (!isResult) asked++
      if (offersTools && !isResult && prompt.includes("@@hang")) return new Promise<Response>(() => {})
      const [, tool, args] = (offersTools && !isResult && /@@tool (\w+) (\{.*\})/.exec(prompt)) || []
      const part =
        tool === undefined
          ? { text: answerTo(body, prompt) }
          : { functionCall: { id: `call-${count + 1}`, name: tool, args: JSON.parse(args ?? "{}") } }
      return answer(part, { model, number: ++count, isStream: act === "streamGenerateContent" })
    },
  })
  return {
    url: `http://127.0.0.1:${server.port}`,
    get asked() {
      return asked
    },
    close: () => server.stop(true),
  }
}

/** What was typed last; an unanswered turn is sent again in front of the next one. */
function typedIn({ contents = [] }: Body): { prompt: string; isResult: boolean } {
  const parts = contents.findLast(({ role }) => role === "user")?.parts ?? []
  const prompt = parts.findLast(({ text }) => text !== undefined)?.text ?? ""
  return { prompt, isResult: parts.some(({ functionResponse }) => functionResponse !== undefined) }
}

/** The client's own questions ask for JSON of a certain shape. */
function answerTo({ generationConfig }: Body, prompt: string): string {
  const schema = generationConfig?.responseJsonSchema ?? generationConfig?.responseSchema
  return schema === undefined ? `mock reply to ${prompt}` : JSON.stringify(exampleOf(schema))
}

function exampleOf({ type, enum: values, properties = {} }: Schema): unknown {
  if (values !== undefined) return values[0]
  switch (type?.toLowerCase()) {
    case "object":
      return Object.fromEntries(Object.entries(properties).map(([key, each]) => [key, exampleOf(each)]))
    case "array":
      return []
    case "boolean":
      return false
    case "string":
      return "mock"
    default:
      return 1
  }
}

function answer(
  part: Readonly<Record<string, unknown>>,
  { model, number, isStream }: { model: string; number: number; isStream: boolean },
): Response {
  const whole = {
    responseId: `mock-${number}`,
    modelVersion: model,
    candidates: [{ index: 0, content: { role: "model", parts: [part] }, finishReason: "STOP" }],
    usageMetadata: { promptTokenCount: 1000, candidatesTokenCount: 20, totalTokenCount: 1020 },
  }
  if (!isStream) return Response.json(whole)
  const headers = { "content-type": "text/event-stream" }
  return new Response(`data: ${JSON.stringify(whole)}\n\n`, { headers })
}
