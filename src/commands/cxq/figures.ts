import { type ExitCode, exitCodes, RescueError } from "../../domain/errors.ts"
import { openIndex } from "../../operations/search/search.ts"
import { indexPath } from "../../system/config/paths.ts"
import { showFigures, showSpending, statsDocument, tokensDocument } from "../../view/search/figures.ts"
import { showWarnings } from "../../view/terminal/error.ts"
import type { Environment } from "../framework/environment.ts"
import type { Question } from "./query.ts"

/** `--stats`, of cx and of cxq. */
export function showIndexStats({ out, json, warnings, paths }: Environment): ExitCode {
  const path = indexPath(paths.data)
  const index = openIndex(paths)
  try {
    const stats = index.stats()
    if (json) out.print(JSON.stringify(statsDocument(stats, path, warnings), null, 2))
    else {
      showWarnings(warnings, out)
      showFigures(stats, { path, home: paths.home }, out)
    }
    return exitCodes.done
  } finally {
    index.close()
  }
}

/** `--tokens` is asked for no words. */
export function refuseWords({ query, list, filters }: Question): void {
  const { role, tool, kind, errors, commands, files } = filters
  if (query !== "" || list !== null || (role ?? tool ?? kind ?? errors ?? commands ?? files) !== undefined) {
    const hint = "it goes with --since, --until, --today, --session, --project, --llm and --limit"
    throw new RescueError("USAGE", "--tokens counts whole sessions, not words or kinds of messages", hint)
  }
}

/** `--tokens`: days are those of the local clock. */
export function showTokens({ out, json, warnings, paths }: Environment, question: Question): ExitCode {
  const index = openIndex(paths)
  try {
    const options = { ...question.filters, dayOf: localDay, limit: question.limit }
    const by = (group: "day" | "session" | "model") => index.tokens(group, options)
    const use = { day: by("day"), session: by("session"), model: by("model") }
    if (json) out.print(JSON.stringify(tokensDocument(use, warnings), null, 2))
    else {
      showWarnings(warnings, out)
      showSpending(use, question.limit, out)
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
