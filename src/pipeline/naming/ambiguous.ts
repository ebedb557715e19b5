import { showPath } from "../../domain/disk-path.ts"
import { ambiguousName, type RescueError } from "../../domain/errors.ts"
import type { FoundSession } from "../../domain/session/session.ts"
import { shortId } from "../../domain/session/session-id.ts"
import { singleQuote } from "../../domain/shell-quote.ts"
import { examine } from "../detect.ts"
import type { RunContext } from "../run-context.ts"

/** Longer lists are not useful to read. */
const maxListed = 20

/** More names do not fit a line. */
const maxNamed = 4

/**
 * The error for a name that matches several sessions; lists for each the command that matches it alone.
 * `verb`: the command that was to be run.
 */
export async function ambiguousSession(
  name: string,
  fits: readonly FoundSession[],
  verb: string,
  ctx: RunContext,
): Promise<RescueError> {
  const shown = fits.slice(0, maxListed)
  const read = await Promise.all(shown.map((each) => examine(each, ctx).catch(() => null)))
  const lines = shown.map((session, index) => {
    const { process, id, transcript } = session
    const its = read[index] ?? null
    const facts = [
      process === null ? null : `pid ${process.pid} ${process.terminal ?? ""}`.trim(),
      its?.title ?? null,
      id,
      transcript === null ? "no transcript" : showPath(transcript),
    ]
    return `  session-rescue ${verb} ${uniqueName(session, fits)}   ${facts.filter((fact) => fact !== null).join(" · ")}`
  })
  const more = fits.length - lines.length
  const all = more > 0 ? [...lines, `  and ${more} older ones`] : lines
  return ambiguousName(name, fits.length, all, "run one of these commands")
}

/** What to type to save sessions that one name stands for; a long list is shown first. */
export function exportCommand(name: string, fits: readonly FoundSession[]): string {
  if (fits.length > maxNamed) return `list them: session-rescue --status ${name}`
  const names = fits.length === 1 ? [name] : fits.map((each) => uniqueName(each, fits))
  return `save ${fits.length === 1 ? "it" : "them"} with: session-rescue --export ${names.join(" ")}`
}

/** The shortest name that matches only this session: id prefix, pid or transcript path. */
function uniqueName(session: FoundSession, fits: readonly FoundSession[]): string {
  const { id, process, transcript } = session
  const others = fits.filter((each) => each !== session)
  const short = shortId(id)
  if (short !== undefined && !others.some((other) => other.id?.startsWith(short))) return short
  if (id !== null && !others.some((other) => other.id === id)) return id
  if (process !== null) return String(process.pid)
  if (transcript === null) return id ?? "?"
  return singleQuote(showPath(transcript))
}
