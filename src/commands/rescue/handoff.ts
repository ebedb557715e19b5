import { resolve } from "node:path"
import { exitCodes } from "../../domain/errors.ts"
import { shortId } from "../../domain/session/session-id.ts"
import { condense } from "../../operations/handoff/condense.ts"
import { handedSession } from "../../operations/handoff/session-facts.ts"
import { startableAgent, startableAgents, startLine } from "../../operations/handoff/start-line.ts"
import { openReadable } from "../../operations/search/show.ts"
import { asShownByClient } from "../../operations/search/shown-items.ts"
import { resolveId } from "../../pipeline/naming/id-named.ts"
import { writeWholeFile } from "../../system/writing/whole-file.ts"
import { handoffDocument, showHandoff } from "../../view/handoff/handoff.ts"
import { handoffMarkdown } from "../../view/handoff/markdown.ts"
import { tokensIn } from "../../view/search/part.ts"
import { showWarnings } from "../../view/terminal/error.ts"
import { command, dataFlag, jsonFlag, type Parsed, pluginsFlag } from "../framework/command.ts"
import { type Environment, openEnvironment, stringFlag } from "../framework/environment.ts"
import { usageError, wholeNumberFlag } from "../framework/flag-values.ts"

const usualTokens = 8000
const leastTokens = 1000

export default command(
  "handoff",
  "Write what another agent needs to go on with a session, and how to start it",
  {
    session: {
      type: "positional",
      required: true,
      description: "Session id (4 digits are enough), terminal, pid, title or folder",
    },
    to: { type: "string", valueHint: startableAgents.join("|"), description: "The agent that is to go on" },
    output: {
      type: "string",
      valueHint: "FILE",
      description: "Where to write it (handoffs in the data folder)",
    },
    "max-tokens": { type: "string", valueHint: "N", description: "About how long it may be (8000)" },
    ...pluginsFlag,
    ...jsonFlag,
    ...dataFlag,
  },
  [
    "session-rescue handoff 01e5af14 --to codex",
    "session-rescue handoff pts/3 --to claude --max-tokens 4000",
  ],
  async (parsed, signal) => {
    const [name, more] = parsed.names
    if (name === undefined || more !== undefined)
      throw usageError("handoff takes one session", "list them: session-rescue status --all")
    const to = agentToStart(parsed)
    const maxTokens = wholeNumberFlag(parsed, "max-tokens", leastTokens) ?? usualTokens
    const environment = await openEnvironment(parsed, signal, ["detect", "classify"])
    const { ctx, paths, out, json, warnings } = environment
    const id = await resolveId(name, "handoff", paths, ctx)
    const readable = await openReadable(id, paths, ctx)
    const condensed = await condense(asShownByClient(readable.items, () => false))
    const session = await handedSession(readable, ctx)
    const text = handoffMarkdown({ session, condensed, to, maxTokens, now: ctx.now })
    const path = outputPath(parsed, session.id, to, environment)
    signal.throwIfAborted()
    const file = await writeWholeFile(path, onePiece(text))
    const folder = startFolder(session.cwd, environment)
    const line = startLine(to, path, folder)
    const handed = { session, from: readable.from, to, file, tokens: tokensIn(text), line, folder }
    if (json) out.print(JSON.stringify(handoffDocument(handed, warnings), null, 2))
    else {
      showWarnings(warnings, out)
      showHandoff(handed, paths.home, out)
    }
    return exitCodes.done
  },
)

function agentToStart(parsed: Parsed): string {
  const typed = stringFlag(parsed, "to")
  const known = startableAgents.join(", ")
  if (typed === null)
    throw usageError("handoff needs --to", `name the agent that is to go on, such as --to codex (${known})`)
  const agent = startableAgent(typed)
  if (agent !== null) return agent
  throw usageError(`invalid value for --to: "${typed}"`, `use ${known}`)
}

function outputPath(parsed: Parsed, id: string, to: string, { ctx, paths }: Environment): string {
  const typed = stringFlag(parsed, "output")
  if (typed === null) {
    const at = `${new Date(ctx.now).toISOString().slice(0, 19).replaceAll(":", "-")}Z`
    return `${paths.data}/handoffs/${at}-${shortId(id)}-to-${to}.md`
  }
  const path = resolve(typed)
  if (ctx.files.stat(path) === null) return path
  throw usageError(`${path} exists`, "give --output another name")
}

/** The session's own folder; where it is gone, the one in which this was typed. */
function startFolder(cwd: string | null, { ctx }: Environment): string {
  if (cwd !== null && ctx.files.quiet.stat(cwd)?.kind === "folder") return cwd
  const here = resolve(".")
  ctx.warn(`the session's folder ${cwd ?? ""} does not exist: the line starts the agent in ${here}`)
  return here
}

async function* onePiece(text: string): AsyncGenerator<string> {
  yield text
}
