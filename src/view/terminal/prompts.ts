import type { Readable, Writable } from "node:stream"
import type { Paint } from "./output.ts"

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

export interface PromptTerminal extends PromptStreams {
  readonly unicode: boolean
  readonly paint: Paint
}

export interface PromptStreams {
  readonly input: Readable
  readonly output: Writable
  readonly signal: AbortSignal
}
