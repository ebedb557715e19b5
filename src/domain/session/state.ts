export const states = ["CURRENT", "ACTIVE", "HUNG", "ORPHANED", "COMPLETED"] as const
export type State = (typeof states)[number]

/** One signal a verdict rests on, in words: `{ signal: "registry", says: "busy for 34 min" }`. */
export interface Evidence {
  readonly signal: string
  readonly message: string
}

/** Facts worth a warning that change no state. */
export const flags = [
  "duplicate-writer", // two processes hold this id
  "no-terminal",
  "purge-soon", // the client will delete it within seven days
  "torn-tail", // the last line is not whole
  "corrupt", // unreadable lines or runs of NUL
  "shrunk", // smaller than what was once exported
  "not-persisting", // busy, yet the transcript does not grow
  "long-tool", // a tool or a hook at work for over an hour
  "large", // over 50 MB
  "ambiguous", // which transcript belongs to this process cannot be told
  "clock", // a time lies in the future and was taken as now
] as const
export type Flag = (typeof flags)[number]

/** What a classifier concludes about one session. */
export interface Verdict {
  readonly state: State
  /** A short phrase that refines the state: `waiting for you`, `silent mid-turn`. */
  readonly detail: string
  readonly evidence: readonly Evidence[]
  readonly flags: readonly Flag[]
}
