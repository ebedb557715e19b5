import { type ExitCode, exitCodes, RescueError } from "../../domain/errors.ts"
import { openIndex } from "../../operations/search/search.ts"
import { indexPath } from "../../system/config/paths.ts"
import { showIndexStats, showTokenUsage, statsDocument, tokensDocument } from "../../view/search/figures.ts"
import { showWarnings } from "../../view/terminal/error.ts"
import type { Environment } from "../framework/environment.ts"
import type { CxqQuery } from "./query.ts"

/** `--stats` of cx and cxq. */
export function printIndexStats({ out, json, warnings, paths }: Environment): ExitCode {
  const path = indexPath(paths.data)
  const index = openIndex(paths)
  try {
    const stats = index.stats()
    if (json) out.print(JSON.stringify(statsDocument(stats, path, warnings), null, 2))
    else {
      showWarnings(warnings, out)
      showIndexStats(stats, { path, home: paths.home }, out)
    }
    return exitCodes.done
  } finally {
    index.close()
  }
}

/** `--tokens` takes no words. */
export function refuseQueryWithTokens({ query, list, filters }: CxqQuery): void {
  const { role, tool, kind, errors, commands, files } = filters
  if (query !== "" || list !== null || (role ?? tool ?? kind ?? errors ?? commands ?? files) !== undefined) {
    const hint = "combine it with --since, --until, --today, --session, --project, --agent and --limit"
    throw new RescueError("USAGE", "--tokens counts whole sessions, not words or kinds of messages", hint)
  }
}

/** `--tokens`: days in local time. */
export function printTokens({ out, json, warnings, paths }: Environment, question: CxqQuery): ExitCode {
  const index = openIndex(paths)
  try {
    const options = { ...question.filters, dayOf: localDay, limit: question.limit }
    const by = (group: "day" | "session" | "model") => index.tokens(group, options)
    const use = { day: by("day"), session: by("session"), model: by("model") }
    if (json) out.print(JSON.stringify(tokensDocument(use, warnings), null, 2))
    else {
      showWarnings(warnings, out)
      showTokenUsage(use, question.limit, out)
    }
    return exitCodes.done
  } finally {
    index.close()
  }
}

function localDay(time: number): string {
  const at = new Date(time)
  const two = (number: number) => `${number}`.padStart(2, "0")
  return `${at.getFullYear()}-${two(at.getMonth() + 1)}-${two(at.getDate())}`
}
