import { openReadable, type Readable, type ShownItem } from "../pipeline/show.ts"
import { openAround, readHit } from "../pipeline/show-around.ts"
import { type ExitCode, exitCodes, RescueError } from "../session/errors.ts"
import { openPager, type Pager } from "../system/pager.ts"
import { writeOut } from "../system/stdout.ts"
import { showWarnings } from "../view/error.ts"
import { type Output, systemOutput } from "../view/output.ts"
import { plain } from "../view/plain.ts"
import { isHit, type ShowView, showHead, showItem } from "../view/show.ts"
import { printShown } from "../view/show-json.ts"
import { command, dataFlag, jsonFlag, pluginsFlag } from "./command.ts"
import { type Environment, openEnvironment, text } from "./environment.ts"

export default command(
  "show",
  "One session to read, from the client's home or an export, whichever holds more; subagents and damage are marked.",
  {
    session: { type: "positional", required: true, description: "An id (4 digits are enough)" },
    format: { type: "string", valueHint: "FORMAT", description: "text, md or json" },
    around: {
      type: "string",
      valueHint: "HIT",
      description: "Only what stands around a hit: the number that cxq prints",
    },
    "no-tools": { type: "boolean", description: "Only what was said: no tool calls and results" },
    ...pluginsFlag,
    ...jsonFlag,
    ...dataFlag,
  },
  [
    "session-rescue show 01e5af14",
    "session-rescue show 01e5af14 --around 2",
    "session-rescue show 01e5af14 --no-tools --format md",
  ],
  async (parsed, signal) => {
    const [name, more] = parsed.names
    if (name === undefined || more !== undefined)
      throw new RescueError("USAGE", "show takes one session", "session-rescue list shows which there are")
    const environment = await openEnvironment(parsed, signal)
    const { ctx, paths, json, warnings } = environment
    const format = text(parsed, "format") ?? "text"
    if (format !== "text" && format !== "md" && format !== "json")
      throw new RescueError("USAGE", `--format ${format} is not known`, "text, md or json")
    const around = text(parsed, "around")
    const hit = around === null ? null : readHit(around, paths)
    const open = async () => {
      const session =
        hit === null ? await openReadable(name, paths, ctx) : await openAround(name, hit, paths, ctx)
      if (!parsed.flags.has("no-tools")) return session
      return { ...session, items: only(session.items, (item) => spoken(item) || isHit(item, session.hit)) }
    }
    let code: ExitCode = exitCodes.done
    if (json || format === "json")
      code = await printShown(await open(), warnings, systemOutput({ json: true, put: writeOut }))
    else await page(open, format, environment)
    return signal.aborted ? exitCodes.interrupted : code
  },
)

async function page(
  open: () => Promise<Readable>,
  format: ShowView["format"],
  { out, warnings, ctx }: Environment,
) {
  const session = await open()
  showWarnings(warnings, out)
  const pager = openPager()
  if (pager === null) return show(session, format, out, null)
  await show(session, format, systemOutput({ json: false, put: pager.put }), pager)
  const trouble = await pager.closed()
  if (trouble === null || ctx.signal.aborted) return
  out.note(`${out.paint.yellow("note:")} ${plain(trouble)}: shown without it`)
  await show(await open(), format, out, null)
}

async function show(
  session: Readable,
  format: ShowView["format"],
  out: Output,
  pager: Pager | null,
): Promise<void> {
  const view = { format, hit: session.hit }
  try {
    showHead(session, view, out)
    for await (const item of session.items) {
      showItem(item, view, out)
      if (pager !== null && !(await pager.taken())) break
    }
    out.print(`\nNext: session-rescue resume ${session.id.slice(0, 8)}   (the line that brings it back)`)
  } catch (error) {
    await pager?.closed()
    throw error
  }
}

async function* only(
  items: AsyncGenerator<ShownItem>,
  keep: (item: ShownItem) => boolean,
): AsyncGenerator<ShownItem> {
  for await (const item of items) if (keep(item)) yield item
}

function spoken(item: ShownItem): boolean {
  if (item.is === "document") return item.form === "records"
  return item.is !== "part" || !["tool_use", "tool_result"].includes(item.part.kind)
}
