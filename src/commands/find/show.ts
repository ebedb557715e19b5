import { type ExitCode, exitCodes, RescueError } from "../../domain/errors.ts"
import { shortId } from "../../domain/session/session-id.ts"
import { openReadable, type Readable } from "../../operations/search/show.ts"
import { openAround, readHit } from "../../operations/search/show-hit.ts"
import { Redactor, redacted } from "../../operations/share/redactor.ts"
import { resolveId } from "../../pipeline/naming/id-named.ts"
import { openPager, type Pager } from "../../system/terminal/pager.ts"
import { isStdoutClosed, writeStdout } from "../../system/terminal/stdout.ts"
import { oneDocument } from "../../view/render/one-document.ts"
import { ConversationPrinter, type ShowView } from "../../view/render/plain.ts"
import { printShown, showHead } from "../../view/search/show.ts"
import { noteShared } from "../../view/share/secrets.ts"
import { showWarnings } from "../../view/terminal/error.ts"
import { type Output, systemOutput } from "../../view/terminal/output.ts"
import { sanitize } from "../../view/terminal/sanitize.ts"
import { command, dataFlag, jsonFlag, pluginsFlag } from "../framework/command.ts"
import { type Environment, openEnvironment, stringFlag } from "../framework/environment.ts"
import { checkShareFlags, homesOf, readingView, selectItems, shareFlags } from "./reading.ts"

export default command(
  "show",
  "Show a session as its client does, from its home or its longest export",
  {
    session: {
      type: "positional",
      required: true,
      description: "Session id (4 digits are enough), terminal, pid, title or folder",
    },
    format: { type: "string", valueHint: "FORMAT", description: "Output format: text, md, html or json" },
    around: {
      type: "string",
      valueHint: "HIT",
      description: "Only the parts around a hit, by the number cxq prints",
    },
    last: { type: "string", valueHint: "N", description: "Only the last N prompts and answers" },
    tools: { type: "boolean", description: "Show tool calls and results in full, not one line each" },
    "all-parts": { type: "boolean", description: "Show everything, also the client's own texts" },
    "no-tools": { type: "boolean", description: "Hide tool calls and results" },
    ...shareFlags,
    ...pluginsFlag,
    ...jsonFlag,
    ...dataFlag,
  },
  [
    "session-rescue show 01e5af14",
    "session-rescue show 01e5af14 --last 4",
    "session-rescue show 01e5af14 --around 2",
    "session-rescue show 01e5af14 --no-tools --format md",
    "session-rescue show 01e5af14 --format html --share > session.html",
  ],
  async (parsed, signal) => {
    const [name, more] = parsed.names
    if (name === undefined || more !== undefined)
      throw new RescueError("USAGE", "show takes one session", "list them: session-rescue list")
    checkShareFlags(parsed)
    const environment = await openEnvironment(parsed, signal)
    const { ctx, paths, json, warnings, out } = environment
    const format = stringFlag(parsed, "format") ?? "text"
    if (format !== "text" && format !== "md" && format !== "html" && format !== "json")
      throw new RescueError("USAGE", `invalid value for --format: "${format}"`, "text, md, html or json")
    const has = (flag: string) => parsed.flags.has(flag)
    if (has("no-tools") && has("tools"))
      throw usage("--tools cannot be combined with --no-tools", "use one of them")
    const last = parseLast(stringFlag(parsed, "last"))
    const around = stringFlag(parsed, "around")
    if (around !== null && last !== null)
      throw usage("--around cannot be combined with --last", "use one of them")
    const hit = around === null ? null : readHit(around, paths)
    const id = await resolveId(name, "show", paths, ctx)
    let redactor: Redactor | null = null
    const open = async () => {
      const session =
        hit === null
          ? await openReadable(id, paths, ctx, { usage: format === "html" && !json })
          : await openAround(id, hit, paths, ctx)
      const items = selectItems(session, parsed, last)
      if (!has("share")) return { ...session, items }
      redactor = new Redactor(homesOf(paths, ctx))
      return asShared({ ...session, items }, redactor)
    }
    let code: ExitCode = exitCodes.done
    if (json || format === "json") {
      const put = systemOutput({ json: true, put: writeStdout })
      code = await printShown(await open(), warnings, put, isStdoutClosed)
    } else if (format === "html") {
      const session = await open()
      showWarnings(warnings, out)
      await printHtmlSession(session, await readingView(session, parsed, redactor, "one"))
    } else await showPaged(open, { format, tools: has("tools"), allParts: has("all-parts") }, environment)
    const report = (redactor as Redactor | null)?.report ?? null
    if (report !== null && !json && format !== "json") noteShared(report, out)
    if (signal.aborted) return exitCodes.interrupted
    const found = has("strict") && (report?.secrets.length ?? 0) > 0
    return code === exitCodes.done && found ? exitCodes.failed : code
  },
)

/** With nothing in it that only the owner should see. */
function asShared(session: Readable, redactor: Redactor): Readable {
  const { path, from, items } = session
  const shown = { path: path === null ? null : redactor.name(path), from: redactor.name(from) }
  return { ...session, ...shown, items: redacted(items, redactor) }
}

async function printHtmlSession(
  session: Readable,
  { heading, view }: Awaited<ReturnType<typeof readingView>>,
): Promise<void> {
  for await (const html of oneDocument(session.items, heading, view)) {
    writeStdout(html)
    if (isStdoutClosed()) return
  }
}

function parseLast(typed: string | null): number | null {
  if (typed === null) return null
  const number = /^\d{1,9}$/.test(typed) ? Number(typed) : 0
  if (number > 0) return number
  throw usage(`invalid number for --last: "${typed}"`, "use a number of at least 1, such as --last 4")
}

function usage(message: string, hint: string): RescueError {
  return new RescueError("USAGE", message, hint)
}

async function showPaged(
  open: () => Promise<Readable>,
  view: Omit<ShowView, "hit" | "agent">,
  { out, warnings, ctx }: Environment,
) {
  const session = await open()
  showWarnings(warnings, out)
  const pager = openPager()
  if (pager === null) return showSession(session, view, out, null)
  await showSession(session, view, systemOutput({ json: false, put: pager.write }), pager)
  const trouble = await pager.closed()
  if (trouble === null || ctx.signal.aborted) return
  out.note(`${out.paint.yellow("note:")} ${sanitize(trouble)}: shown without it`)
  await showSession(await open(), view, out, null)
}

async function showSession(
  session: Readable,
  options: Omit<ShowView, "hit" | "agent">,
  out: Output,
  pager: Pager | null,
): Promise<void> {
  const view = { ...options, hit: session.hit, agent: session.agent }
  const conversation = new ConversationPrinter(view, out)
  try {
    showHead(session, view, out)
    for await (const item of session.items) {
      conversation.item(item)
      if (pager === null ? isStdoutClosed() : !(await pager.drained())) return
    }
    conversation.end()
    out.print(`\nNext: session-rescue resume ${shortId(session.id)}   (the command that resumes it)`)
  } catch (error) {
    await pager?.closed()
    throw error
  }
}
