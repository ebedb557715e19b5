import { parseDuration } from "../../domain/duration.ts"
import type { GroupFilter } from "../../operations/kill/group-filter.ts"
import type { Parsed } from "./command.ts"
import { stringFlag } from "./environment.ts"
import { usageError } from "./flag-values.ts"
import { type NarrowingContext, narrowFlags, parseNarrowing } from "./narrow-flags.ts"

const { project, state, agent } = narrowFlags

/** The flags that choose several running sessions to be ended together. */
export const groupFlags = {
  state: {
    ...state,
    valueHint: "hung|active|asking|waiting|working",
    description: "All running sessions in this state",
  },
  "no-terminal": { type: "boolean", description: "All running sessions that have no terminal" },
  idle: {
    type: "string",
    valueHint: "TIME",
    description: "All running sessions that have done nothing for at least this long: 1d",
  },
  project,
  agent,
} as const

/** null when none of these flags was given. */
export function parseGroup(parsed: Parsed, ctx: NarrowingContext): GroupFilter | null {
  if (!choosesGroup(parsed)) return null
  const narrowing = parseNarrowing(parsed, ctx)
  const noTerminal = parsed.flags.has("no-terminal")
  const idle = stringFlag(parsed, "idle")
  const idleMs = idle === null ? null : parseDuration(idle)
  if (idle !== null && idleMs === null)
    throw usageError(`invalid duration for --idle: "${idle}"`, "use a value such as 90m, 12h or 1d")
  const typed = [narrowing.typed, noTerminal ? "--no-terminal" : "", idle === null ? "" : `--idle ${idle}`]
  return { narrowing, noTerminal, idleMs, typed: typed.filter((each) => each !== "").join(" ") }
}

export function choosesGroup({ flags }: Parsed): boolean {
  return Object.keys(groupFlags).some((flag) => flags.has(flag))
}
