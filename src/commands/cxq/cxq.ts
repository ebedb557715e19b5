/** The command `cxq`: queries the index of all conversations. */

import { type ExitCode, RescueError } from "../../domain/errors.ts"
import { openIndex } from "../../operations/search/search.ts"
import type { Parsed } from "../framework/command.ts"
import { command, dataFlag, jsonFlag } from "../framework/command.ts"
import { openEnvironment } from "../framework/environment.ts"
import { usageError } from "../framework/flag-values.ts"
import { narrowFlags } from "../framework/narrow-flags.ts"
import { answerQuery } from "./answering.ts"
import { printIndexStats, printTokens, refuseQueryWithTokens } from "./figures.ts"
import { parseCxqQuery, withSessionIds } from "./query.ts"
import { afterRefresh } from "./refresh.ts"
import { answerFromTeam } from "./team.ts"

const valueFlag = (valueHint: string, description: string) =>
  ({ type: "string", valueHint, description }) as const
const booleanFlag = (description: string) => ({ type: "boolean", description }) as const

export default {
  ...command(
    "cxq",
    "Search everything said in any session, also tool output and what was compacted",
    {
      query: {
        type: "positional",
        required: false,
        description: 'a b · a OR b · "a phrase" · word* · NEAR(a b,5) · -word',
      },
      recent: valueFlag("N", "Print the newest N messages in order, as context for a new session"),
      session: valueFlag("ID", "Only these sessions: ids (4 digits suffice), terminals, titles: 01e5,4754"),
      project: narrowFlags.project,
      role: valueFlag("ROLE", "Only parts by user, assistant, tool or system (the client's own texts)"),
      tool: valueFlag("NAME", "Only calls and results of this tool, such as Bash or Edit"),
      everywhere: booleanFlag("Search every project, also when an agent asks"),
      agent: narrowFlags.agent,
      since: valueFlag("TIME", "Only from this time on: 2026-11-22, yesterday, 3d, 90m"),
      until: valueFlag("TIME", "Only up to this time"),
      today: booleanFlag("Only since midnight"),
      errors: booleanFlag("List failures and what was done next"),
      commands: booleanFlag("List shell commands and their results"),
      files: booleanFlag("List files that were read or edited"),
      tools: booleanFlag("Only calls of any tool"),
      "all-parts": booleanFlag("Include the client's own texts and the output of session-rescue"),
      tokens: booleanFlag("Show tokens used by day, session and model"),
      stats: booleanFlag("Show what the index contains"),
      limit: valueFlag("N", "Show at most N results (10)"),
      context: valueFlag("N", "Show N parts before and after each hit"),
      "max-tokens": valueFlag("N", "Limit the output to about N tokens"),
      fresh: booleanFlag("Read everything new first, however long it takes"),
      "no-refresh": booleanFlag("Search the index as it is, without reading anything new"),
      format: valueFlag("FORMAT", "Output format: brief, full or md"),
      team: booleanFlag("Search your team's index instead: whose, and the line that pulls it"),
      owner: valueFlag("NAME", "With --team: only what this owner has sent"),
      ...jsonFlag,
      ...dataFlag,
    },
    [
      'session-rescue cxq "E0308"',
      "session-rescue cxq login -test --project shop",
      "session-rescue cxq --recent 20",
      "session-rescue cxq --errors --today",
    ],
    run,
  ),
  dashWords: true,
}

async function run(parsed: Parsed, signal: AbortSignal): Promise<ExitCode> {
  const environment = await openEnvironment(parsed, signal, [])
  const question = parseCxqQuery(await withSessionIds(parsed, environment), environment.ctx)
  if (parsed.flags.has("team")) return await answerFromTeam(parsed, question, environment)
  if (parsed.flags.has("owner")) throw usageError("--owner needs --team", "add --team")
  if (parsed.flags.has("stats")) return printIndexStats(environment)
  if (parsed.flags.has("tokens")) {
    refuseQueryWithTokens(question)
    return await afterRefresh(environment, () => printTokens(environment, question))
  }
  const { query, list, filters } = question
  if (query === "" && list === null && Object.keys(filters).length === 0) {
    const hint = "use session-rescue cxq WORDS, cxq --recent 20 or cxq --help"
    throw new RescueError("USAGE", "no search terms given", hint)
  }
  return await afterRefresh(environment, (freshness) => {
    const index = openIndex(environment.paths)
    try {
      return answerQuery(index, question, freshness, environment)
    } finally {
      index.close()
    }
  })
}
