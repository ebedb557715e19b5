import { exitCodes, RescueError } from "../../domain/errors.ts"
import { version } from "../../domain/version.ts"
import { countSessionsToRead, cx } from "../../operations/process/process.ts"
import { selectForProcessing } from "../../operations/process/selection.ts"
import { type FeedReport, feedSink } from "../../operations/team-search/feed.ts"
import { openSink } from "../../operations/team-search/sink.ts"
import { defaultArchiver } from "../../pipeline/queue/archive-group.ts"
import { planEveryProcessing } from "../../pipeline/queue/every-agent.ts"
import { extractorName } from "../../pipeline/queue/queue.ts"
import { archiverNamed, storedReader } from "../../pipeline/read-stored.ts"
import { cxDocument, cxDryRunDocument, showCx, showCxDryRun } from "../../view/process/process.ts"
import { showWarnings } from "../../view/terminal/error.ts"
import { showProgress } from "../../view/terminal/progress.ts"
import { printIndexStats } from "../cxq/figures.ts"
import {
  command,
  dataFlag,
  jsonFlag,
  type Parsed,
  pluginsFlag,
  verboseFlag,
  worst,
} from "../framework/command.ts"
import { type Environment, openEnvironment, stringFlag } from "../framework/environment.ts"
import { narrowFlags, projectFlag } from "../framework/narrow-flags.ts"
import { agreeToSend } from "../team/agree.ts"

export default command(
  "cx",
  "Process pending exports: index them for cxq, run plugins and archive them",
  {
    export: {
      type: "positional",
      required: false,
      description: "Export ids (4 digits are enough) or files; other transcripts are only indexed",
    },
    agent: narrowFlags.agent,
    project: narrowFlags.project,
    live: { type: "boolean", description: "Index the clients' homes too, without exporting" },
    "dry-run": { type: "boolean", description: "Show what would happen and change nothing" },
    "no-archive": { type: "boolean", description: "Keep processed exports in the pending folder" },
    "no-index": { type: "boolean", description: "Do not update the index" },
    verify: { type: "boolean", description: "Compare each export with its manifest first" },
    rebuild: {
      type: "boolean",
      description: "Rebuild the index from everything; the old one is kept",
    },
    team: { type: "boolean", description: "Then send what is new to your team's index ([team.sink])" },
    ...verboseFlag,
    stats: { type: "boolean", description: "Only show what the index contains" },
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
    if (parsed.flags.has("stats")) return printIndexStats(environment)
    if (parsed.flags.has("dry-run")) {
      const { options } = await processingOptions(parsed, signal, environment)
      await printDryRun(options, environment)
      return exitCodes.done
    }
    const sends = parsed.flags.has("team")
    if (sends && !(await agreeToSend(environment, false))) return exitCodes.done
    const processed = await processAsTyped(parsed, signal, environment)
    const team = sends ? await sendToTeam(environment, signal) : null
    printReport(processed, { verbose: parsed.flags.has("verbose"), team }, environment)
    // an index that does not answer now is asked again by the next run: nothing has failed
    return team?.stopped?.code === "STORE_REFUSED" ? exitCodes.refused : processed.code
  },
)

async function sendToTeam({ config, ctx, paths }: Environment, signal: AbortSignal): Promise<FeedReport> {
  const sink = await openSink(config.team, ctx.plugins, ctx)
  try {
    return await feedSink(sink, { paths, signal })
  } finally {
    await sink.close().catch(() => {})
  }
}

/** Processes what was typed for `cx`; `sx` does the same. */
export async function processAsTyped(parsed: Parsed, signal: AbortSignal, environment: Environment) {
  const { work, options } = await processingOptions(parsed, signal, environment)
  const report = await cx(options, environment.ctx)
  const { exports, indexed, indexFailure, interrupted } = report
  // a plugin of the user's own that failed is reported, and does not make the processing fail
  const failed = indexFailure !== null || exports.some((each) => each.failure !== null)
  const code = worst({
    interrupted,
    failed: failed || work.damaged.length > 0 || indexed.incomplete.length > 0,
  })
  return { report, damaged: work.damaged, indexed: options.index, code }
}

type ProcessingOptions = Awaited<ReturnType<typeof processingOptions>>["options"]

async function processingOptions(parsed: Parsed, signal: AbortSignal, environment: Environment) {
  const { ctx, out, paths, config } = environment
  const has = (flag: string) => parsed.flags.has(flag)
  const index = !has("no-index")
  const contrary = index ? undefined : ["live", "rebuild"].find(has)
  if (contrary !== undefined)
    throw new RescueError("USAGE", `--no-index cannot be combined with --${contrary}`, "use one of them")
  const all = await ctx.plugins.postProcessors()
  const plugins = index ? all : all.filter(({ plugin }) => plugin.name !== extractorName)
  const choice = {
    names: parsed.names,
    project: projectFlag(parsed, ctx),
    agent: stringFlag(parsed, "agent"),
  }
  const work = await selectForProcessing(choice, has("verify") && !has("dry-run"), ctx, paths)
  if (!index && work.files.length > 0)
    throw new RescueError(
      "USAGE",
      "a transcript outside the pending folder can only be indexed",
      "omit --no-index",
    )
  const options = {
    paths,
    version,
    ...work,
    on: "cx",
    archiver: has("no-archive") ? null : await archiverNamed(config.archiver ?? defaultArchiver, ctx.plugins),
    plugins,
    index,
    live: has("live"),
    rebuild: has("rebuild"),
    reporter: showProgress(out, { verb: "reading", items: 0, bytes: null }),
    readStored: storedReader(ctx.plugins),
    signal,
    warn: ctx.warn,
  } as const
  return { work, options }
}

async function printDryRun(options: ProcessingOptions, environment: Environment): Promise<void> {
  const { ctx, out, json, warnings } = environment
  const report = await planEveryProcessing(options)
  const read = await countSessionsToRead(options, ctx)
  if (json) out.print(JSON.stringify(cxDryRunDocument(report, read, warnings), null, 2))
  else {
    showWarnings(warnings, out)
    showCxDryRun(report, { ...options, read }, out)
  }
}

export function printReport(
  { report, damaged, indexed }: Omit<Awaited<ReturnType<typeof processAsTyped>>, "code">,
  { verbose, team }: { readonly verbose: boolean; readonly team: FeedReport | null },
  { out, json, warnings, paths }: Environment,
): void {
  if (json) out.print(JSON.stringify(cxDocument(report, damaged, { warnings, team }), null, 2))
  else {
    showWarnings(warnings, out)
    showCx(report, damaged, { home: paths.home, archive: paths.archive, indexed, verbose, team }, out)
  }
}
