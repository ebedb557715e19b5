import { defaultArchiver } from "../pipeline/archiving.ts"
import { cx, foreseeReading } from "../pipeline/cx.ts"
import { chooseWork } from "../pipeline/cx-choice.ts"
import { postProcessPlugins } from "../pipeline/plugins.ts"
import { extractor } from "../pipeline/queue.ts"
import { foresee } from "../pipeline/queue-foresight.ts"
import { archiverNamed } from "../pipeline/stored.ts"
import { type ExitCode, exitCodes } from "../session/errors.ts"
import { version } from "../version.ts"
import { cxDocument, foresightDocument, showCx, showCxForesight } from "../view/cx.ts"
import { showWarnings } from "../view/error.ts"
import { showProgress } from "../view/progress.ts"
import { command, dataFlag, jsonFlag, pluginsFlag } from "./command.ts"
import { showIndexStats } from "./cxq-figures.ts"
import { openEnvironment, text } from "./environment.ts"

export default command(
  "cx",
  "Processes what is pending: reads it into the index (session-rescue cxq asks it), runs plugins, archives it.",
  {
    export: {
      type: "positional",
      required: false,
      description: "Exports by id (4 digits are enough) or file; a transcript elsewhere is only read",
    },
    llm: { type: "string", valueHint: "AGENT", description: "Only sessions of this agent (claude)" },
    project: { type: "string", valueHint: "TEXT", description: "Only sessions whose folder holds this text" },
    live: { type: "boolean", description: "Read the clients' homes too, without exporting" },
    "dry-run": { type: "boolean", description: "Say what would happen, and do nothing" },
    "no-archive": { type: "boolean", description: "Leave what is processed in the pending folder" },
    "no-index": { type: "boolean", description: "Do not read anything into the index" },
    verify: { type: "boolean", description: "Compare each export with its manifest first" },
    rebuild: {
      type: "boolean",
      description: "Make the index anew from all there is; the old one is kept aside",
    },
    stats: { type: "boolean", description: "What the index holds, and nothing else" },
    ...pluginsFlag,
    ...jsonFlag,
    ...dataFlag,
  },
  [
    "session-rescue cx",
    "session-rescue cx --live",
    "session-rescue cx 01e5af14 --no-archive",
    "session-rescue cx --dry-run",
  ],
  async (parsed, signal) => {
    const environment = await openEnvironment(parsed, signal)
    const { ctx, out, json, warnings, paths, config } = environment
    const has = (flag: string) => parsed.flags.has(flag)
    if (has("stats")) return showIndexStats(environment)
    const index = !has("no-index")
    const all = await postProcessPlugins()
    const plugins = index ? all : all.filter(({ plugin }) => plugin.name !== extractor)
    const choice = { names: parsed.names, project: text(parsed, "project"), agent: text(parsed, "llm") }
    const work = await chooseWork(choice, has("verify") && !has("dry-run"), ctx, paths)
    const options = {
      paths,
      version,
      ...work,
      on: "cx",
      archiver: has("no-archive") ? null : await archiverNamed(config.archiver ?? defaultArchiver),
      plugins,
      index,
      live: has("live"),
      rebuild: has("rebuild"),
      watcher: showProgress(out, { verb: "reading", items: 0, bytes: null }),
      signal,
      warn: ctx.warn,
    } as const
    if (has("dry-run")) {
      const report = await foresee(options)
      const read = await foreseeReading(options, ctx)
      if (json) out.print(JSON.stringify(foresightDocument(report, read, warnings), null, 2))
      else {
        showWarnings(warnings, out)
        showCxForesight(report, { ...options, read }, out)
      }
      return exitCodes.done
    }
    const report = await cx(options, ctx)
    if (json) out.print(JSON.stringify(cxDocument(report, work.damaged, warnings), null, 2))
    else {
      showWarnings(warnings, out)
      showCx(report, work.damaged, { home: paths.home, archive: paths.archive, indexed: index }, out)
    }
    return exitOf(report, work.damaged.length)
  },
)

/** A plugin of one's own that failed is said, and is no failure of the processing. */
function exitOf(
  { exports, interrupted, indexed, trouble }: Awaited<ReturnType<typeof cx>>,
  damaged: number,
): ExitCode {
  if (interrupted) return exitCodes.interrupted
  const failed = trouble !== null || exports.some((each) => each.failure !== null)
  return failed || damaged > 0 || indexed.brokenOff.length > 0 ? exitCodes.failed : exitCodes.done
}
