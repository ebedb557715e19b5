import { type ExitCode, exitCodes, RescueError } from "../../domain/errors.ts"
import { shortId } from "../../domain/session/session-id.ts"
import { openReadable, type Readable, type ShownItem } from "../../operations/search/show.ts"
import { openAround, readHit } from "../../operations/search/show-hit.ts"
import { asShownByClient, lastMessages } from "../../operations/search/shown-items.ts"
import { resolveId } from "../../pipeline/naming/id-named.ts"
import { openPager, type Pager } from "../../system/terminal/pager.ts"
import { isStdoutClosed, writeStdout } from "../../system/terminal/stdout.ts"
import { ConversationPrinter, isHit, printShown, type ShowView, showHead } from "../../view/search/show.ts"
import { showWarnings } from "../../view/terminal/error.ts"
import { type Output, systemOutput } from "../../view/terminal/output.ts"
import { sanitize } from "../../view/terminal/sanitize.ts"
import type { Parsed } from "../framework/command.ts"
import { command, dataFlag, jsonFlag, pluginsFlag } from "../framework/command.ts"
import { type Environment, openEnvironment, stringFlag } from "../framework/environment.ts"

export default command(
  "show",
  "Show a session as its client does, from its home or its longest export",
  {
    session: {
      type: "positional",
      required: true,
      description: "Session id (4 digits are enough), terminal, pid, title or folder",
    },
    format: { type: "string", valueHint: "FORMAT", description: "Output format: text, md or json" },
    around: {
      type: "string",
      valueHint: "HIT",
      description: "Only the parts around a hit, by the number cxq prints",
    },
    last: { type: "string", valueHint: "N", description: "Only the last N prompts and answers" },
    tools: { type: "boolean", description: "Show tool calls and results in full, not one line each" },
    "all-parts": { type: "boolean", description: "Show everything, also the client's own texts" },
    "no-tools": { type: "boolean", description: "Hide tool calls and results" },
    ...pluginsFlag,
    ...jsonFlag,
    ...dataFlag,
  },
  [
    "session-rescue show 01e5af14",
    "session-rescue show 01e5af14 --last 4",
    "session-rescue show 01e5af14 --around 2",
    "session-rescue show 01e5af14 --no-tools --format md",
  ],
  async (parsed, signal) => {
    const [name, more] = parsed.names
    if (name === undefined || more !== undefined)
      throw new RescueError("USAGE", "show takes one session", "list them: session-rescue list")
    const environment = await openEnvironment(parsed, signal)
    const { ctx, paths, json, warnings } = environment
    const format = stringFlag(parsed, "format") ?? "text"
    if (format !== "text" && format !== "md" && format !== "json")
      throw new RescueError("USAGE", `invalid value for --format: "${format}"`, "text, md or json")
    const has = (flag: string) => parsed.flags.has(flag)
    if (has("no-tools") && has("tools"))
      throw usage("--tools cannot be combined with --no-tools", "use one of them")
    const last = parseLast(stringFlag(parsed, "last"))
    const around = stringFlag(parsed, "around")
    if (around !== null && last !== null)
      throw usage("--around cannot be combined with --last", "use one of them")
    const hit = around === null ? null : readHit(around, paths)
    const id = await resolveId(name, "show", paths, ctx)
    const open = async () => {
      const session =
        hit === null ? await openReadable(id, paths, ctx) : await openAround(id, hit, paths, ctx)
      const seen = { ...session, items: selectItems(session, parsed, last) }
      if (!parsed.flags.has("no-tools")) return seen
      return { ...seen, items: filterItems(seen.items, (item) => isSpoken(item) || isHit(item, session.hit)) }
    }
    const view = {
      format: format === "md" ? format : "text",
      tools: has("tools"),
      allParts: has("all-parts"),
    } as const
    let code: ExitCode = exitCodes.done
    if (json || format === "json")
      code = await printShown(
        await open(),
        warnings,
        systemOutput({ json: true, put: writeStdout }),
        isStdoutClosed,
      )
    else await showPaged(open, view, environment)
    return signal.aborted ? exitCodes.interrupted : code
  },
)

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

/** As the client shows it, unless everything is asked for; a hit is shown in any case. */
function selectItems(session: Readable, { flags }: Parsed, last: number | null): Readable["items"] {
  const { items, hit } = session
  const shown = flags.has("all-parts") ? items : asShownByClient(items, (item) => isHit(item, hit))
  return last === null ? shown : lastMessages(shown, last)
}

async function* filterItems(
  items: AsyncGenerator<ShownItem>,
  keep: (item: ShownItem) => boolean,
): AsyncGenerator<ShownItem> {
  for await (const item of items) if (keep(item)) yield item
}

function isSpoken(item: ShownItem): boolean {
  if (item.type === "document") return item.form === "records"
  return item.type !== "part" || !["tool_use", "tool_result"].includes(item.part.kind)
}
