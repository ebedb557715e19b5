import type { Leftover } from "../../operations/reap/leftover.ts"
import { count } from "../terminal/format.ts"
import type { Prompts, Reply } from "../terminal/prompts.ts"

/** They are listed above it. No is the default; Escape, Ctrl-C and a closed terminal mean No, too. */
export function askToReap(
  leftovers: readonly Leftover[],
  airtight: boolean,
  prompts: Prompts,
): Promise<Reply<boolean>> {
  const pids = leftovers.map(({ process }) => process.pid).join(", ")
  const below = leftovers.reduce((sum, each) => sum + each.below.length, 0)
  const lines = [
    `End ${leftovers.length === 1 ? "it" : `these ${leftovers.length}`} (pid ${pids})${below === 0 ? "" : ` with ${count(below, "process", "processes")} below`}?`,
    "  Each gets TERM, and KILL if it has not left after 5 s.",
    ...(airtight
      ? []
      : ["  Here a process cannot be held, only looked at just before: a small window remains."]),
  ]
  return prompts.confirm(lines.join("\n"), leftovers.length === 1 ? "Yes, end it" : "Yes, end them", "No")
}
