import { type ExitCode, RescueError } from "../../domain/errors.ts"
import { openIndex } from "../../operations/search/search.ts"
import { resolveId } from "../../pipeline/naming/id-named.ts"
import type { Parsed } from "../framework/command.ts"
import { command, dataFlag, jsonFlag } from "../framework/command.ts"
import { type Environment, openEnvironment, stringFlag } from "../framework/environment.ts"
import { answerQuery } from "./answering.ts"
import { printIndexStats, printTokens, refuseQueryWithTokens } from "./figures.ts"
import { parseCxqQuery } from "./query.ts"
import { afterRefresh } from "./refresh.ts"

const valueFlag = (valueHint: string, description: string) =>
  ({ type: "string", valueHint, description }) as const
const booleanFlag = (description: string) => ({ type: "boolean", description }) as const

export default {
  ...command(
    "cxq",
    "Finds what was said in any session: text, thinking, commands, tool output, subagents, before compactions.",
    {
      query: {
        type: "positional",
        required: false,
        description: 'a b · a OR b · "a phrase" · word* · NEAR(a b,5) · -word',
      },
      recent: valueFlag("N", "The newest N messages, in order: the memory a new session starts from"),
      session: valueFlag("ID", "Only this session (4 digits are enough; or its terminal, title, folder)"),
      project: valueFlag(
        "TEXT",
        "Only sessions in whose folder's path this occurs; . is this folder and all below",
      ),
      role: valueFlag("ROLE", "user, assistant, tool, or system: the client's own words"),
      tool: valueFlag("NAME", "Only calls and results of this tool: Bash, Edit …"),
      everywhere: booleanFlag("In every project, also where a client asks: it is kept to its own"),
      llm: valueFlag("AGENT", "Only this agent's sessions (claude)"),
      since: valueFlag("TIME", "From then on: 2026-11-22, yesterday, 3d, 90m"),
      until: valueFlag("TIME", "Until then"),
      today: booleanFlag("Since midnight"),
      errors: booleanFlag("What failed, and what was done next"),
      commands: booleanFlag("Shell commands that were run, and how that went"),
      files: booleanFlag("Files that were read or edited"),
      tools: booleanFlag("Calls of any tool"),
      "all-parts": booleanFlag("Also the client's own words to the model, and what session-rescue printed"),
      tokens: booleanFlag("Tokens used, by day, session and model"),
      stats: booleanFlag("What the index holds"),
      limit: valueFlag("N", "At most so many (10)"),
      context: valueFlag("N", "So many parts before and behind each hit"),
      "max-tokens": valueFlag("N", "Cut the output to about so many tokens"),
      fresh: booleanFlag("Read all that is new first, however long that takes"),
      "no-refresh": booleanFlag("Ask the index as it is, and read nothing"),
      format: valueFlag("FORMAT", "brief, full or md"),
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
  const question = parseCxqQuery(await withIdOf(parsed, environment), environment.ctx.now)
  if (parsed.flags.has("stats")) return printIndexStats(environment)
  if (parsed.flags.has("tokens")) {
    refuseQueryWithTokens(question)
    return await afterRefresh(environment, () => printTokens(environment, question))
  }
  const { query, list, filters } = question
  if (query === "" && list === null && Object.keys(filters).length === 0) {
    const hint = "session-rescue cxq WORDS, or cxq --recent 20, or cxq --help"
    throw new RescueError("USAGE", "what is to be found?", hint)
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

/** The session may be named by what it is called. */
async function withIdOf(parsed: Parsed, { paths, ctx }: Environment): Promise<Parsed> {
  const session = stringFlag(parsed, "session")
  if (session === null) return parsed
  const id = await resolveId(session, "show", paths, ctx)
  return { ...parsed, flags: new Map([...parsed.flags, ["session", id]]) }
}
