import type { Readable, Writable } from "node:stream"
import type { Paint } from "./output.ts"

/** An answer; or Escape (one step back); or Ctrl-C, a signal, or a terminal that is gone (leave altogether). */
export type Reply<T> = { readonly answer: T } | "back" | "leave"

/** Questions on a terminal. */
export interface Prompts {
  /** No is the default. */
  confirm(message: string, yes: string, no: string): Promise<Reply<boolean>>
}

export interface PromptTerminal extends PromptStreams {
  readonly unicode: boolean
  readonly paint: Paint
}

export interface PromptStreams {
  readonly input: Readable
  readonly output: Writable
  readonly signal: AbortSignal
}
