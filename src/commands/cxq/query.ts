import { type Role, roles } from "../../domain/conversation/message-part.ts"
import { type Format, formats } from "../../domain/conversation/result-format.ts"
import { parseIdPrefix } from "../../domain/session/session-id.ts"
import { parseTimestamp } from "../../domain/timestamp.ts"
import { agentNamed } from "../../operations/process/selection.ts"
import type { Filters, SearchRequest } from "../../operations/search/search.ts"
import { resolveId } from "../../pipeline/naming/id-named.ts"
import type { Parsed } from "../framework/command.ts"
import { type Environment, stringFlag } from "../framework/environment.ts"
import { timeFlag, usageError, wholeNumberFlag } from "../framework/flag-values.ts"
import { type NarrowingContext, projectFlag } from "../framework/narrow-flags.ts"

/** A parsed query of cxq. */
export interface CxqQuery extends SearchRequest {
  /** Parts shown before and after each hit. */
  readonly context: number
  /** null: no limit. */
  readonly maxTokens: number | null
  readonly format: Format
  /** Search every project, also when called from a session. */
  readonly allProjects: boolean
}

const defaultLimit = 10
const lists = ["commands", "files", "errors"] as const

export function parseCxqQuery(parsed: Parsed, ctx: NarrowingContext): CxqQuery {
  const number = (flag: string, least: number) => wholeNumberFlag(parsed, flag, least)
  const format = stringFlag(parsed, "format") ?? "brief"
  if (!formats.includes(format as Format))
    throw usageError(`invalid value for --format: "${format}"`, `known: ${formats.join(", ")}`)
  const recent = number("recent", 1)
  refuseConflicts(parsed)
  return {
    query: parsed.names.join(" "),
    filters: readFilters(parsed, ctx),
    limit: number("limit", 1) ?? recent ?? defaultLimit,
    context: number("context", 0) ?? 0,
    maxTokens: number("max-tokens", 1),
    format: format as Format,
    allProjects: parsed.flags.has("everywhere"),
    list: recent === null ? (lists.find((flag) => parsed.flags.has(flag)) ?? null) : "recent",
  }
}

/** `--files` cannot be combined with another list, and a combination of lists takes no words. */
function refuseConflicts({ flags, names }: Parsed): void {
  const given = lists.filter((flag) => flags.has(flag))
  const together = given.map((flag) => `--${flag}`).join(" and ")
  if (given.includes("files") && given.length > 1)
    throw usageError(`cannot combine ${together}`, "for failed commands, use --commands --errors")
  if (given.length > 1 && names.length > 0)
    throw usageError(
      `${together} list what failed, not words`,
      "use --errors with words: what a failure said",
    )
}

function sessionPrefix(typed: string): string {
  const prefix = parseIdPrefix(typed)
  if (prefix !== null) return prefix
  throw usageError(`invalid value for --session: "${typed}"`, "give at least four digits of its id")
}

function readFilters(parsed: Parsed, ctx: NarrowingContext): Filters {
  const { now } = ctx
  const sessions = stringFlag(parsed, "session")?.split(",").map(sessionPrefix)
  const role = stringFlag(parsed, "role")
  if (role !== null && !roles.includes(role as Role))
    throw usageError(`invalid value for --role: "${role}"`, `known: ${roles.join(", ")}`)
  const project = projectFlag(parsed, ctx)
  const agent = agentNamed(stringFlag(parsed, "agent"))
  const today = parsed.flags.has("today") ? parseTimestamp("today", now) : null
  const since = timeFlag(parsed, "since", now, false) ?? today
  const until = timeFlag(parsed, "until", now, true)
  if (since !== null && until !== null && since > until)
    throw usageError("--since is later than --until", "swap the two")
  const tool = stringFlag(parsed, "tool")
  const has = (flag: string) => parsed.flags.has(flag)
  return {
    ...(sessions === undefined ? {} : { session: sessions }),
    ...(role === null ? {} : { role: role as Role }),
    ...(project === null ? {} : { project }),
    ...(agent === null ? {} : { agent }),
    ...(tool === null ? {} : { tool }),
    ...(since === null ? {} : { since }),
    ...(until === null ? {} : { until: until + 1 }), // the index excludes the end of the period
    ...(has("errors") ? { errors: true } : {}),
    ...(has("commands") ? { commands: true } : {}),
    ...(has("files") ? { files: true } : {}),
    ...(has("all-parts") ? { allParts: true } : {}),
    ...(has("tools") && !has("errors") ? { kind: "tool_use" as const } : {}),
  }
}

/** Replaces the names of sessions by their ids. A comma may also be part of a title. */
export async function withSessionIds(
  parsed: Parsed,
  { paths, ctx }: Pick<Environment, "paths" | "ctx">,
): Promise<Parsed> {
  const session = stringFlag(parsed, "session")
  if (session === null) return parsed
  const whole = await resolveId(session, "show", paths, ctx)
  const names = parseIdPrefix(whole) === null ? session.split(",") : [whole]
  const ids = await Promise.all(names.map((name) => resolveId(name.trim(), "show", paths, ctx)))
  return { ...parsed, flags: new Map([...parsed.flags, ["session", ids.join(",")]]) }
}
