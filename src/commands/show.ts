import { openAround, openReadable, type Readable, readHit, type ShownItem } from "../pipeline/show.ts"
import { type ExitCode, exitCodes, RescueError } from "../session/errors.ts"
import { openPager } from "../system/pager.ts"
import { writeOut } from "../system/stdout.ts"
import { showWarnings } from "../view/error.ts"
import { systemOutput } from "../view/output.ts"
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
    "session-rescue show 01e5af14 --around 4711",
    "session-rescue show 01e5af14 --no-tools --format md",
  ],
  async (parsed, signal) => {
    const [name, more] = parsed.names
    if (name === undefined || more !== undefined)
      throw new RescueError("USAGE", "show takes one session", "session-rescue list shows which there are")
    const environment = await openEnvironment(parsed, signal)
    const { ctx, paths, json, warnings } = environment
    const format = json ? "json" : (text(parsed, "format") ?? "text")
    if (format !== "text" && format !== "md" && format !== "json")
      throw new RescueError("USAGE", `--format ${format} is not known`, "text, md or json")
    const around = text(parsed, "around")
    const hit = around === null ? null : readHit(around, paths)
    const session =
      hit === null ? await openReadable(name, paths, ctx) : await openAround(name, hit, paths, ctx)
    const keep = parsed.flags.has("no-tools")
      ? (item: ShownItem) => spoken(item) || isHit(item, hit)
      : () => true
    const items = only(session.items, keep)
    let code: ExitCode = exitCodes.done
    if (format !== "json") await page({ ...session, items }, { format, hit }, environment)
    else code = await printShown({ ...session, items }, warnings, systemOutput({ json: true, put: writeOut }))
    return signal.aborted ? exitCodes.interrupted : code
  },
)

async function page(session: Readable, view: ShowView, { out, warnings }: Environment): Promise<void> {
  showWarnings(warnings, out)
  const pager = openPager()
  const page = pager === null ? out : systemOutput({ json: false, put: pager.put })
  try {
    showHead(session, view, page)
    for await (const item of session.items) {
      showItem(item, view, page)
      if (pager !== null && !(await pager.taken())) break
    }
    page.print(`\nNext: session-rescue resume ${session.id.slice(0, 8)}   (the line that brings it back)`)
  } finally {
    await pager?.closed()
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
