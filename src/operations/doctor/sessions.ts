import { MiB } from "../../domain/bytes.ts"
import { showPath } from "../../domain/disk-path.ts"
import { formatDuration } from "../../domain/duration.ts"
import { describeContinue } from "../../domain/session/live-process.ts"
import { shortId } from "../../domain/session/session-id.ts"
import type { Flag } from "../../domain/session/state.ts"
import { isSavedUnchanged } from "../../pipeline/copies/saved-mark.ts"
import type { RunContext } from "../../pipeline/run-context.ts"
import type { ClassifiedSession } from "../../sdk/contracts.ts"
import { advice, countNoun, type Finding, ok } from "./finding.ts"

const damageFlags: readonly Flag[] = ["corrupt", "torn-tail", "shrunk"]

/** What is suspended, what the client will delete, the setting behind it, and transcripts that are not whole. */
export function inspectSessions(
  homes: readonly string[],
  sessions: readonly ClassifiedSession[],
  ctx: RunContext,
): readonly Finding[] {
  return [
    ...inspectSuspended(sessions),
    ...homes.map((home) =>
      inspectCleanup(
        home,
        sessions.filter((each) => each.home === home),
        ctx,
      ),
    ),
    inspectDamage(sessions, ctx),
  ]
}

/** Nothing where none is: only a person at the terminal knows that it was suspended on purpose. */
function inspectSuspended(sessions: readonly ClassifiedSession[]): readonly Finding[] {
  return sessions.flatMap(({ state, process, id, title }) => {
    const continues = state === "HUNG" && process !== null ? describeContinue(process) : null
    if (continues === null || process === null) return []
    const name = `${shortId(id) ?? `pid ${process.pid}`}${title === null ? "" : ` (${title})`}`
    return advice("suspended", `${name} is stopped, by Ctrl-Z or SIGSTOP`, `${continues}   (brings it back)`)
  })
}

function inspectCleanup(home: string, sessions: readonly ClassifiedSession[], ctx: RunContext): Finding {
  const kept = `${home}/settings.json: cleanupPeriodDays ${cleanupDays(home, ctx) ?? "is not set (the client's default is 30)"}`
  const soon = sessions.filter(
    (session) => session.flags.includes("purge-soon") && !isSavedUnchanged(session, ctx),
  )
  if (soon.length === 0) return ok("purge", `nothing that is not saved is about to be deleted; ${kept}`)
  const first = Math.min(...soon.flatMap((session) => session.purgeAt ?? []))
  const when = first <= ctx.now ? "the next time a client starts" : `in ${formatDuration(first - ctx.now)}`
  const says = `the client will delete ${countNoun(soon.length, "session")} not saved, the first ${when}; ${kept}`
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

/** A damaged one that is saved as it is can lose nothing more; one that shrank has lost something. */
function inspectDamage(sessions: readonly ClassifiedSession[], ctx: RunContext): Finding {
  const damaged = sessions.filter(
    (session) =>
      session.flags.includes("shrunk") ||
      ((session.detail === "unreadable" || session.flags.some((flag) => damageFlags.includes(flag))) &&
        !isSavedUnchanged(session, ctx)),
  )
  const [first] = damaged
  if (first === undefined)
    return ok("transcripts", `${countNoun(sessions.length, "session")} checked at both ends`)
  const flags = [
    first.detail === "unreadable" ? "unreadable" : [],
    ...first.flags.filter((flag) => damageFlags.includes(flag)),
  ].flat()
  const place = first.transcript === null ? "" : ` ${showPath(first.transcript)}`
  const what = damaged.length === 1 ? "transcript is" : "transcripts are"
  const says = `${damaged.length} ${what} not whole, such as${place} (${flags.join(", ")})`
  const name = first.id ?? ""
  return advice(
    "transcripts",
    says,
    `save it, as a resume may rewrite it: session-rescue export ${name}; what its client makes of it: session-rescue doctor ${name}`,
  )
}
