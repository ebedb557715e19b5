import { askConfirm } from "./confirm-prompt.ts"
import type { PromptStreams, Prompts, PromptTerminal, Reply } from "./prompts.ts"

/** clack's questions on a terminal that can be read from. */
export function createPrompts(terminal: PromptTerminal): Prompts {
  return {
    confirm: (message, yes, no) =>
      askReply<boolean>(terminal, (streams) => askConfirm(message, [yes, no], terminal, streams)),
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
    if (key.name === "d") setImmediate(() => input.emit("keypress", undefined, { name: "escape" }))
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
