import { resolve } from "node:path"
import { type Role, roles } from "../../domain/conversation/message-part.ts"
import { type Format, formats } from "../../domain/conversation/result-format.ts"
import { RescueError } from "../../domain/errors.ts"
import { parseIdPrefix } from "../../domain/session/session-id.ts"
import { parseTimestamp } from "../../domain/timestamp.ts"
import { agentNamed } from "../../operations/process/selection.ts"
import type { Filters, SearchRequest } from "../../operations/search/search.ts"
import type { Parsed } from "../framework/command.ts"
import { stringFlag } from "../framework/environment.ts"

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

export function parseCxqQuery(parsed: Parsed, now: number): CxqQuery {
  const number = (flag: string, least: number) => wholeNumber(parsed, flag, least)
  const format = stringFlag(parsed, "format") ?? "brief"
  if (!formats.includes(format as Format))
    throw usageError(`invalid value for --format: "${format}"`, formats.join(", "))
  const recent = number("recent", 1)
  refuseConflicts(parsed)
  return {
    query: parsed.names.join(" "),
    filters: readFilters(parsed, now),
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

function readFilters(parsed: Parsed, now: number): Filters {
  const session = stringFlag(parsed, "session")
  const prefix = session === null ? null : parseIdPrefix(session)
  if (session !== null && prefix === null)
    throw usageError(`invalid value for --session: "${session}"`, "give at least four digits of its id")
  const role = stringFlag(parsed, "role")
  if (role !== null && !roles.includes(role as Role))
    throw usageError(`invalid value for --role: "${role}"`, roles.join(", "))
  const project = stringFlag(parsed, "project")
  const agent = agentNamed(stringFlag(parsed, "agent"))
  const today = parsed.flags.has("today") ? parseTimestamp("today", now) : null
  const since = timeFlag(parsed, "since", now, false) ?? today
  const until = timeFlag(parsed, "until", now, true)
  if (since !== null && until !== null && since > until)
    throw usageError("--since is later than --until", "swap the two")
  const tool = stringFlag(parsed, "tool")
  const has = (flag: string) => parsed.flags.has(flag)
  return {
    ...(prefix === null ? {} : { session: prefix }),
    ...(role === null ? {} : { role: role as Role }),
    ...(project === null ? {} : project === "." ? { folder: resolve(".") } : { project }),
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

function timeFlag(parsed: Parsed, flag: string, now: number, end: boolean): number | null {
  const typed = stringFlag(parsed, flag)
  if (typed === null) return null
  const at = parseTimestamp(typed, now, end)
  if (at !== null) return at
  throw usageError(
    `invalid time for --${flag}: "${typed}"`,
    "use a value such as 2026-11-22, 2026-11-22T14:30, today, yesterday, 90m, 3d or 2w",
  )
}

function wholeNumber(parsed: Parsed, flag: string, least: number): number | null {
  const typed = stringFlag(parsed, flag)
  if (typed === null) return null
  const number = /^\d{1,9}$/.test(typed) ? Number(typed) : Number.NaN
  if (number >= least) return number
  throw usageError(
    `invalid number for --${flag}: "${typed}"`,
    `use a number of at least ${least}, such as --${flag} 20`,
  )
}

function usageError(message: string, known: string): RescueError {
  return new RescueError(
    "USAGE",
    message,
    /^(write|such as|swap|at least) /.test(known) ? known : `known: ${known}`,
  )
}
