/** What the stand-in for the model does with one request. */
export type Step =
  | { do: "text"; usage?: number }
  | { do: "tool"; name: string; input: string }
  | { do: "hang" }
  | { do: "slow"; ms: number }
  | { do: "error"; code: number }

export interface Message {
  role: string
  content: string | { type: string; text?: string }[]
}

/**
 * A prompt is a small script; each answer of the model takes the next step of it, a tool's result coming
 * back asks for the one after. Past the end there is a short text.
 *   @@tool NAME {json}   call a tool        @@hang       never answer (until the test releases it)
 *   @@repeat N           the next tool call, N times     @@slow MS    answer late
 *   @@usage N            say N input tokens              @@error N    answer with an HTTP error
 */
export function stepFor(messages: Message[]): Step {
  const results = messages.slice(messages.findLastIndex(isPrompt) + 1).filter(isToolResult).length
  return parseSteps(promptIn(messages))[results] ?? { do: "text" }
}

/** The newest prompt, with all the client added to it. */
export function promptIn(messages: Message[]): string {
  const prompt = messages.findLast(isPrompt)
  return prompt ? textOf(prompt) : ""
}

function isPrompt(message: Message): boolean {
  return message.role === "user" && !isToolResult(message)
}

function textOf(message: Message): string {
  if (typeof message.content === "string") return message.content
  return message.content.map((part) => part.text ?? "").join("\n")
}

function isToolResult(message: Message): boolean {
  return typeof message.content !== "string" && message.content.some((part) => part.type === "tool_result")
}

function parseSteps(text: string): Step[] {
  const steps: Step[] = []
  let repeat = 1
  let from = 0
  for (;;) {
    const match = /@@(hang|slow|error|usage|repeat|tool)(?: ([\w-]+))?/.exec(text.slice(from))
    if (!match) return steps
    const [, verb, word = ""] = match
    from += match.index + match[0].length
    if (verb === "hang") steps.push({ do: "hang" })
    if (verb === "slow") steps.push({ do: "slow", ms: Number(word) })
    if (verb === "error") steps.push({ do: "error", code: Number(word) })
    if (verb === "usage") steps.push({ do: "text", usage: Number(word) })
    if (verb === "repeat") repeat = Number(word)
    if (verb === "tool") {
      const input = objectAt(text, text.indexOf("{", from))
      from = text.indexOf("{", from) + input.length
      for (; repeat > 0; repeat--) steps.push({ do: "tool", name: word, input })
      repeat = 1
    }
  }
}

/** The JSON object that begins at `start`: its strings may hold directives for a subagent. */
function objectAt(text: string, start: number): string {
  let depth = 0
  let inString = false
  for (let at = start; at < text.length; at++) {
    const char = text[at]
    if (inString && char === "\\") at++
    else if (char === '"') inString = !inString
    else if (!inString && char === "{") depth++
    else if (!inString && char === "}" && --depth === 0) return text.slice(start, at + 1)
  }
  throw new Error(`no JSON object at ${start} in: ${text}`)
}
