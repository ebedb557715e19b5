import type { Readable, Writable } from "node:stream"
import type { Paint } from "./output.ts"
import { pickSeveral } from "./pick.ts"

/** An answer; or Escape (one step back); or Ctrl-C, a signal, or a terminal that is gone (leave altogether). */
export type Reply<T> = { readonly answer: T } | "back" | "leave"

export interface Choice<T> {
  readonly value: T
  readonly label: string
  readonly hint?: string
  /** Shown, but cannot be chosen; the hint says why. */
  readonly disabled?: boolean
}

export interface ListChoice<T> extends Choice<T> {
  /** What a typed filter is looked for in: plain text, lower case. */
  readonly words: string
  /** Choosing it means this alone, whatever else is marked. */
  readonly alone?: boolean
}

/** Questions on a terminal. */
export interface Prompts {
  /** No is the default. */
  confirm(message: string, yes: string, no: string): Promise<Reply<boolean>>
  select<T>(message: string, choices: readonly Choice<T>[], initial?: T): Promise<Reply<T>>
  /** One or several; typing filters. Enter without a mark takes the one under the cursor. */
  pick<T>(message: string, choices: readonly ListChoice<T>[]): Promise<Reply<readonly T[]>>
}

export interface Terminal {
  readonly input: Readable
  readonly output: Writable
  readonly signal: AbortSignal
  readonly unicode: boolean
  readonly paint: Paint
}

export interface Streams {
  readonly input: Readable
  readonly output: Writable
  readonly signal: AbortSignal
}

export function promptsOn(terminal: Terminal): Prompts {
  const clack = () => import("@clack/prompts")
  return {
    confirm: (message, active, inactive) =>
      replyTo<boolean>(terminal, async (streams) =>
        (await clack()).confirm({ message, active, inactive, initialValue: false, ...streams }),
      ),
    select: <T>(message: string, choices: readonly Choice<T>[], initial?: T) =>
      replyTo<T>(terminal, async (streams) => {
        const options = choices as Parameters<Awaited<ReturnType<typeof clack>>["select"]>[0]["options"]
        const { select } = await clack()
        return select({ message, options, initialValue: initial, ...streams }) as Promise<T | symbol>
      }),
    pick: (message, choices) =>
      replyTo(terminal, (streams) => pickSeveral(message, choices, { ...terminal, ...streams })),
  }
}

interface Key {
  readonly name?: string
  readonly ctrl?: boolean
}

/** clack tells Escape and Ctrl-C alike, and at Ctrl-D it waits for ever: the keys are looked at here as well. */
async function replyTo<T>(
  { input, output, signal }: Terminal,
  run: (streams: Streams) => Promise<T | symbol>,
): Promise<Reply<T>> {
  const stop = new AbortController()
  let leave = false
  const leaving = () => {
    leave = true
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
    const answer = await run({ input, output, signal: stop.signal })
    if (typeof answer !== "symbol") return { answer }
    return leave ? "leave" : "back"
  } finally {
    input.off("keypress", onKey)
    input.off("end", leaving)
    signal.removeEventListener("abort", leaving)
  }
}
