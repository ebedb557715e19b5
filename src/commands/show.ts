import { openReadable, placeOfHit, type ShownItem } from "../pipeline/show.ts"
import { exitCodes, RescueError } from "../session/errors.ts"
import { openPager } from "../system/pager.ts"
import { writeOut } from "../system/stdout.ts"
import { showWarnings } from "../view/error.ts"
import { iso, schemaVersion } from "../view/json.ts"
import { systemOutput } from "../view/output.ts"
import { isHit, showItem } from "../view/show.ts"
import { command, dataFlag, jsonFlag } from "./command.ts"
import { openEnvironment, text } from "./environment.ts"

/** So many parts before a hit, and behind it. */
const nearby = 12

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
    ...jsonFlag,
    ...dataFlag,
  },
  ["session-rescue show 01e5af14", "session-rescue show 01e5af14 --no-tools --format md"],
  async (parsed, signal) => {
    const [name, more] = parsed.names
    if (name === undefined || more !== undefined)
      throw new RescueError("USAGE", "show takes one session", "session-rescue list shows which there are")
    const { ctx, out, warnings, paths, json } = await openEnvironment(parsed, signal)
    const format = json ? "json" : (text(parsed, "format") ?? "text")
    if (format !== "text" && format !== "md" && format !== "json")
      throw new RescueError("USAGE", `--format ${format} is not known`, "text, md or json")
    const around = text(parsed, "around")
    const hit = around === null ? null : placeOfHit(around, paths)
    const session = await openReadable(name, paths, ctx)
    const wanted = parsed.flags.has("no-tools") ? spoken : () => true
    const items = hit === null ? session.items : nearTo(session.items, (item) => isHit(item, hit))
    if (format === "json") {
      const head = { schemaVersion, id: session.id, from: session.from, path: session.path, warnings }
      writeOut(`${JSON.stringify(head).slice(0, -1)},"items":[`)
      let first = true
      for await (const item of items) {
        if (!wanted(item)) continue
        writeOut(
          `${first ? "" : ","}\n${JSON.stringify(item.is === "part" ? { ...item, time: iso(item.time) } : item)}`,
        )
        first = false
      }
      writeOut("\n]}\n")
      return signal.aborted ? exitCodes.interrupted : exitCodes.done
    }
    showWarnings(warnings, out)
    const pager = openPager()
    const page = pager === null ? out : systemOutput({ json: false, put: pager.put })
    page.print(
      `${session.id} · read from ${session.from === "live" ? session.path : `the export ${session.from}`}`,
    )
    for await (const item of items) {
      if (wanted(item)) showItem(item, { format, hit }, page)
      if (pager !== null && !(await pager.taken())) break
    }
    page.print(`\nNext: session-rescue resume ${session.id.slice(0, 8)}   (the line that brings it back)`)
    await pager?.closed()
    return signal.aborted ? exitCodes.interrupted : exitCodes.done
  },
)

function spoken(item: ShownItem): boolean {
  return item.is !== "part" || !["tool_use", "tool_result"].includes(item.part.kind)
}

/** The hit with some of what stands before and behind it. */
async function* nearTo(
  items: AsyncGenerator<ShownItem>,
  isIt: (item: ShownItem) => boolean,
): AsyncGenerator<ShownItem> {
  const before: ShownItem[] = []
  let after = 0
  for await (const item of items) {
    if (isIt(item)) {
      yield* before.splice(0)
      yield item
      after = nearby
    } else if (after > 0) {
      yield item
      if (--after === 0) return
    } else {
      before.push(item)
      if (before.length > nearby) before.shift()
    }
  }
}
