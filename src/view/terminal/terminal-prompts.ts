import { multiSelect } from "./multi-select.ts"
import type { Choice, PromptStreams, Prompts, PromptTerminal, Reply } from "./prompts.ts"

/** clack's questions on a terminal that can be read from. */
export function createPrompts(terminal: PromptTerminal): Prompts {
  const clack = () => import("@clack/prompts")
  return {
    confirm: (message, active, inactive) =>
      askReply<boolean>(terminal, async (streams) =>
        (await clack()).confirm({ message, active, inactive, initialValue: false, ...streams }),
      ),
    select: <T>(message: string, choices: readonly Choice<T>[], initial?: T) =>
      askReply<T>(terminal, async (streams) => {
        const options = choices as Parameters<Awaited<ReturnType<typeof clack>>["select"]>[0]["options"]
        const { select } = await clack()
        return select({ message, options, initialValue: initial, ...streams }) as Promise<T | symbol>
      }),
    pick: (message, choices) =>
      askReply(terminal, (streams) => multiSelect(message, choices, { ...terminal, ...streams })),
  }
}

interface Key {
  readonly name?: string
  readonly ctrl?: boolean
}

const left = Symbol("left")

/** clack does not distinguish Escape from Ctrl-C, and waits without end at Ctrl-D: the keys are read here as well. */
async function askReply<T>(
  { input, output, signal }: PromptTerminal,
  run: (streams: PromptStreams) => Promise<T | symbol>,
): Promise<Reply<T>> {
  const stop = new AbortController()
  let leave = false
  // a terminal that is gone answers clack's last words with an error, and its prompt never ends
  const gone = Promise.withResolvers<symbol>()
  const leaving = () => {
    leave = true
    gone.resolve(left)
    stop.abort()
  }
  const onKey = (_: unknown, key?: Key) => {
    if (key?.ctrl !== true) return
    if (key.name === "c") leave = true
    if (key.name === "d") setImmediate(() => stop.abort())
  }
  if (signal.aborted) return "leave"
  input.on("keypress", onKey)
  input.once("end", leaving)
  signal.addEventListener("abort", leaving)
  try {
    const answer = await Promise.race([run({ input, output, signal: stop.signal }), gone.promise])
    if (typeof answer !== "symbol") return { answer }
    return leave ? "leave" : "back"
  } finally {
    input.off("keypress", onKey)
    input.off("end", leaving)
    signal.removeEventListener("abort", leaving)
  }
}
