import { type Answer, type Around, ask, hasWords, isEmpty, openIndex } from "../pipeline/ask-index.ts"
import { type ExitCode, exitCodes, RescueError } from "../session/errors.ts"
import { showAnswer } from "../view/cxq-answer.ts"
import { cxqDocument } from "../view/cxq-json.ts"
import { showWarnings } from "../view/error.ts"
import { command, dataFlag, jsonFlag } from "./command.ts"
import { showIndexStats, showTokens } from "./cxq-figures.ts"
import { type Question, readQuestion } from "./cxq-question.ts"
import { type Environment, openEnvironment } from "./environment.ts"
import type { Parsed } from "./parse.ts"

const valued = (valueHint: string, description: string) =>
  ({ type: "string", valueHint, description }) as const
const switched = (description: string) => ({ type: "boolean", description }) as const

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
      recent: valued("N", "The newest N messages, in order: the memory a new session starts from"),
      session: valued("ID", "Only this session (4 digits are enough)"),
      project: valued(
        "TEXT",
        "Only sessions in whose folder's path this occurs; . is this folder and all below",
      ),
      role: valued("ROLE", "user, assistant, tool or system"),
      tool: valued("NAME", "Only calls and results of this tool: Bash, Edit …"),
      llm: valued("AGENT", "Only this agent's sessions (claude)"),
      since: valued("TIME", "From then on: 2026-11-22, yesterday, 3d, 90m"),
      until: valued("TIME", "Until then"),
      today: switched("Since midnight"),
      errors: switched("What failed, and what was done next"),
      commands: switched("Shell commands that were run, and how that went"),
      files: switched("Files that were read or edited"),
      tools: switched("Calls of any tool"),
      tokens: switched("Tokens used, by day, session and model"),
      stats: switched("What the index holds"),
      limit: valued("N", "At most so many (10)"),
      context: valued("N", "So many parts before and behind each hit"),
      "max-tokens": valued("N", "Cut the output to about so many tokens"),
      format: valued("FORMAT", "brief, full or md"),
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
  const question = readQuestion(parsed, environment.ctx.now)
  if (parsed.flags.has("stats")) return showIndexStats(environment)
  if (parsed.flags.has("tokens")) return showTokens(environment, question)
  if (question.query === "" && question.list === null && Object.keys(question.filters).length === 0) {
    const hint = "session-rescue cxq WORDS, or cxq --recent 20, or cxq --help"
    throw new RescueError("USAGE", "what is to be found?", hint)
  }
  const index = openIndex(environment.paths)
  const { query } = question
  try {
    if (query !== "" && !hasWords(query)) throw notFound(query, "there is no letter and no digit in it")
    const answer = ask(index, question)
    if (isEmpty(answer)) throw notFound(query, known(answer.is === "hits" ? answer.found.offered : []))
    const { context } = question
    show(answer, (part) => (context === 0 ? [] : index.around(part, context, context)), question, environment)
    return exitCodes.done
  } finally {
    index.close()
  }
}

function show(answer: Answer, around: Around, question: Question, environment: Environment): void {
  const { out, json, warnings, paths, ctx } = environment
  const view = { ...question, now: ctx.now, home: paths.home }
  if (json) {
    out.print(JSON.stringify(cxqDocument(answer, around, warnings, question.maxTokens), null, 2))
    return
  }
  showWarnings(warnings, out)
  showAnswer(answer, around, view, out)
}

function known(near: readonly string[]): string {
  if (near.length > 0) return `words that are there: ${near.join(", ")}`
  return "session-rescue cx --live reads what is newest into the index; fewer words or filters find more"
}

function notFound(query: string, hint: string): RescueError {
  return new RescueError("NOTHING_FOUND", query === "" ? "nothing fits" : `nothing fits: ${query}`, hint)
}
