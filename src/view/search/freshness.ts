import type { Freshness } from "../../domain/conversation/freshness.ts"
import { count, formatAge, formatMinute, formatSize } from "../terminal/format.ts"
import { iso } from "../terminal/json.ts"
import { sanitize } from "../terminal/sanitize.ts"

/** How old the index is if it is not up to date; null when there is nothing to report. */
export function describeFreshness({ refresh, asOf, left, why }: Freshness, now: number): string | null {
  if (refresh === "done" || refresh === "off") return null
  const age =
    asOf === null ? "The index was never completed" : `The index is current as of ${formatAsOf(asOf, now)}`
  if (refresh === "failed") return `${age}, and cannot be brought up to date: ${sanitize(why ?? "")}`
  if (refresh === "other-run") return `${age}: another run is updating it.`
  const more =
    left === null ? "there may be more" : `${count(left.files, "file")} (${formatSize(left.bytes)}) had more`
  return `${age}: ${more}. It is being indexed in the background; cxq --fresh waits for it.`
}

function formatAsOf(at: number, now: number): string {
  return `${formatMinute(at)}, ${formatAge(at, now)}`
}

export function freshnessDocument({ refresh, asOf, left, why }: Freshness) {
  return { refresh, asOf: iso(asOf), left, why }
}
