export const states = ["CURRENT", "ACTIVE", "HUNG", "ORPHANED", "COMPLETED"] as const
export type State = (typeof states)[number]

/** One signal behind a verdict, in words: `{ signal: "registry", message: "busy for 34 min" }`. */
export interface Evidence {
  readonly signal: string
  readonly message: string
}

/** Warnings that do not change the state. */
export const flags = [
  "duplicate-writer", // two processes hold this id
  "no-terminal",
  "purge-soon", // the client will delete it within seven days
  "torn-tail", // the last line is incomplete
  "corrupt", // unreadable lines or runs of NUL
  "shrunk", // smaller than an earlier export
  "not-persisting", // busy, but the transcript does not grow
  "long-tool", // a tool or hook has been running for over an hour
  "large", // over 50 MB
  "ambiguous", // the transcript of this process is uncertain
  "clock", // a time is in the future and was treated as now
] as const
export type Flag = (typeof flags)[number]

/** A classifier's conclusion about one session. */
export interface Verdict {
  readonly state: State
  /** A short phrase that refines the state: `waiting for you`, `silent mid-turn`. */
  readonly detail: string
  readonly evidence: readonly Evidence[]
  readonly flags: readonly Flag[]
}
