import { MiB } from "../../domain/bytes.ts"
import { showPath } from "../../domain/disk-path.ts"
import { formatDuration } from "../../domain/duration.ts"
import type { Flag } from "../../domain/session/state.ts"
import type { RunContext } from "../../pipeline/run-context.ts"
import type { ClassifiedSession } from "../../sdk/contracts.ts"
import { advice, countNoun, type Finding, ok } from "./finding.ts"

const damageFlags: readonly Flag[] = ["corrupt", "torn-tail", "shrunk"]

/** What the client is about to delete, the setting behind it, and transcripts that are not whole. */
export function inspectSessions(
  homes: readonly string[],
  sessions: readonly ClassifiedSession[],
  ctx: RunContext,
): readonly Finding[] {
  return [
    ...homes.map((home) =>
      inspectCleanup(
        home,
        sessions.filter((each) => each.home === home),
        ctx,
      ),
    ),
    inspectDamage(sessions),
  ]
}

function inspectCleanup(home: string, sessions: readonly ClassifiedSession[], ctx: RunContext): Finding {
  const kept = `${home}/settings.json: cleanupPeriodDays ${cleanupDays(home, ctx) ?? "is not set (the client's default is 30)"}`
  const soon = sessions.filter((session) => session.flags.includes("purge-soon"))
  if (soon.length === 0) return ok("purge", `nothing is about to be deleted; ${kept}`)
  const first = Math.min(...soon.flatMap((session) => session.purgeAt ?? []))
  const when = first <= ctx.now ? "the next time a client starts" : `in ${formatDuration(first - ctx.now)}`
  const says = `the client will delete ${countNoun(soon.length, "session")}, the first ${when}; ${kept}`
  return advice(
    "purge",
    says,
    "session-rescue --export saves them; a larger cleanupPeriodDays keeps them longer",
  )
}

function cleanupDays(home: string, ctx: RunContext): number | null {
  try {
    const days = JSON.parse(ctx.files.text(`${home}/settings.json`, 4 * MiB) ?? "{}")?.cleanupPeriodDays
    return typeof days === "number" ? days : null
  } catch {
    return null
  }
}

function inspectDamage(sessions: readonly ClassifiedSession[]): Finding {
  const damaged = sessions.filter(
    (session) => session.detail === "unreadable" || session.flags.some((flag) => damageFlags.includes(flag)),
  )
  const [first] = damaged
  if (first === undefined)
    return ok("transcripts", `${countNoun(sessions.length, "session")} checked at both ends`)
  const flags = [
    first.detail === "unreadable" ? "unreadable" : [],
    ...first.flags.filter((flag) => damageFlags.includes(flag)),
  ].flat()
  const place = first.transcript === null ? "" : ` ${showPath(first.transcript)}`
  const says = `${countNoun(damaged.length, "damaged transcript")}, such as${place} (${flags.join(", ")})`
  return advice(
    "transcripts",
    says,
    `save before resuming, which may rewrite it: session-rescue export ${first.id ?? ""}`,
  )
}
