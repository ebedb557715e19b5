import { type ExitCode, exitCodes, RescueError } from "../../domain/errors.ts"
import { askTeam } from "../../operations/team-search/ask.ts"
import { openSink } from "../../operations/team-search/sink.ts"
import { showTeamAnswer, teamAnswerDocument } from "../../view/team/search.ts"
import { showWarnings } from "../../view/terminal/error.ts"
import type { Parsed } from "../framework/command.ts"
import { type Environment, stringFlag } from "../framework/environment.ts"
import { usageError } from "../framework/flag-values.ts"
import type { CxqQuery } from "./query.ts"

/** Flags that only the index of this machine answers. */
const ofThisMachine = [
  "recent",
  "errors",
  "commands",
  "files",
  "tools",
  "tokens",
  "stats",
  "context",
  "fresh",
  "all-parts",
]

export async function answerFromTeam(
  parsed: Parsed,
  question: CxqQuery,
  { ctx, config, out, json, warnings }: Environment,
): Promise<ExitCode> {
  const unfit = ofThisMachine.find((flag) => parsed.flags.has(flag))
  if (unfit !== undefined)
    throw usageError(`--${unfit} cannot be combined with --team`, "leave out one of them")
  const { query, filters, limit } = question
  const owner = stringFlag(parsed, "owner")
  if (query === "" && Object.keys(filters).length === 0 && owner === null)
    throw usageError("no search terms given", "use session-rescue cxq --team WORDS")
  const sink = await openSink(config.team, ctx.plugins, ctx)
  try {
    const answer = await askTeam(sink, { query, filters, owner, limit })
    if (answer.hits.length === 0)
      throw new RescueError(
        "NOTHING_FOUND",
        query === "" ? "no matches in the team's index" : `no matches for "${query}" in the team's index`,
        "fewer words or filters find more; each member sends with session-rescue cx --team",
      )
    if (json) out.print(JSON.stringify(teamAnswerDocument(answer, warnings), null, 2))
    else {
      showWarnings(warnings, out)
      showTeamAnswer(answer, out)
    }
    return exitCodes.done
  } finally {
    await sink.close().catch(() => {})
  }
}
