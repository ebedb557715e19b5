/** What a team's index has found, and what was sent to it. */
import { shortId } from "../../domain/session/session-id.ts"
import type { TeamAnswer } from "../../operations/team-search/ask.ts"
import type { FeedReport } from "../../operations/team-search/feed.ts"
import { highlight } from "../search/part.ts"
import { count, formatMinute } from "../terminal/format.ts"
import { errorDocument, schemaVersion } from "../terminal/json.ts"
import type { Output } from "../terminal/output.ts"
import { sanitize } from "../terminal/sanitize.ts"

export function showTeamAnswer({ hits, total, place }: TeamAnswer, out: Output): void {
  const { paint } = out
  for (const hit of hits) {
    const { owner, machine, session, title, project, role, tool, time, snippet } = hit
    const when = time === null ? "time unknown" : formatMinute(time)
    const facts = [when, `${owner} on ${machine}`, project ?? "folder unknown", tool ?? role, title ?? ""]
    out.print(paint.cyan(sanitize(facts.filter((each) => each !== "").join(" · "))))
    out.print(`  ${highlight(snippet, "brief", out)}`)
    out.print(paint.dim(sanitize(`  session-rescue pull ${shortId(session) ?? session} --owner ${owner}`)))
  }
  out.print(paint.bold(sanitize(`${hits.length} of ${total} shown · ${place}`)))
}

export function teamAnswerDocument({ hits, total, place, owner }: TeamAnswer, warnings: readonly string[]) {
  return {
    ...{ schemaVersion, place, owner },
    hits: hits.map(({ snippet, time, ...hit }) => ({
      ...hit,
      time: time === null ? null : new Date(time).toISOString(),
      snippet: snippet.text,
      marks: snippet.marks,
      isOwn: hit.owner === owner,
      pull: `session-rescue pull ${hit.session} --owner ${hit.owner}`,
    })),
    total,
    warnings,
  }
}

export function showFeed(report: FeedReport, out: Output): void {
  const { place, sent, redacted, kept, stopped } = report
  const facts = [
    `${count(sent, "part")} sent`,
    ...(redacted === 0 ? [] : [`${count(redacted, "secret")} left out of them`]),
    ...(kept === 0 ? [] : [`${kept} kept here`]),
    place,
  ]
  out.print(out.paint.bold(sanitize(`Team's index: ${facts.join(" · ")}`)))
  if (stopped !== null) {
    const what = stopped.code === "STORE_UNAVAILABLE" ? "Nothing is lost: " : ""
    out.print(sanitize(`${what}${stopped.message}. Next: ${stopped.hint}`))
  }
}

export function feedDocument({ stopped, ...report }: FeedReport) {
  return { ...report, stopped: stopped === null ? null : errorDocument(stopped).error }
}
