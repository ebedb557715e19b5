import { exitCodes } from "../../domain/errors.ts"
import { openCalendar } from "../../operations/usage/calendar.ts"
import { reportUsage } from "../../operations/usage/usage-report.ts"
import { showWarnings } from "../../view/terminal/error.ts"
import { showProgress } from "../../view/terminal/progress.ts"
import { showUsage, type UsageTableName, usageTables } from "../../view/usage/usage.ts"
import { usageDocument } from "../../view/usage/usage-json.ts"
import { command, dataFlag, jsonFlag, type Parsed, pluginsFlag } from "../framework/command.ts"
import { openEnvironment, stringFlag } from "../framework/environment.ts"
import { usageError } from "../framework/flag-values.ts"
import { narrowFlags, parseNarrowing } from "../framework/narrow-flags.ts"

/** Rows of sessions whose titles are read when no limit was typed. */
const defaultTitles = 10

export default command(
  "usage",
  "Show the tokens used by day, model, project and session, subagents included",
  {
    by: { type: "string", valueHint: usageTables.join("|"), description: "Also show this table" },
    project: narrowFlags.project,
    since: {
      type: "string",
      valueHint: "TIME",
      description: "Only tokens used since then: 2026-11-22, yesterday, 3d, 90m",
    },
    agent: narrowFlags.agent,
    limit: { type: "string", valueHint: "N", description: "At most N rows in a table (10)" },
    utc: { type: "boolean", description: "Count days in UTC instead of local time" },
    ...jsonFlag,
    ...dataFlag,
    ...pluginsFlag,
  },
  [
    "session-rescue usage",
    "session-rescue usage --by day --since 4w",
    "session-rescue usage --by session --project .",
    "session-rescue usage --json",
  ],
  async (parsed, signal) => {
    const by = tableFlag(parsed)
    const { ctx, out, json, warnings, paths, config } = await openEnvironment(parsed, signal)
    const { project, since, agent, limit, typed } = parseNarrowing(parsed, ctx)
    const titles = json ? limit : by === "session" ? (limit ?? defaultTitles) : 0
    const calendar = openCalendar(parsed.flags.has("utc"))
    const reporter = (bytes: number) => showProgress(out, { verb: "reading transcripts", items: 1, bytes })
    const request = { calendar, since, project, agent, prices: config.prices, titles }
    const report = await reportUsage(request, { paths, reporter }, ctx)
    if (json) out.print(JSON.stringify(usageDocument(report, limit, warnings), null, 2))
    else {
      showWarnings(warnings, out)
      showUsage({ report, by, limit, home: paths.home, typed }, out)
    }
    return report.coverage.unread.length > 0 ? exitCodes.failed : exitCodes.done
  },
)

function tableFlag(parsed: Parsed): UsageTableName | null {
  const typed = stringFlag(parsed, "by")
  if (typed === null) return null
  const name = usageTables.find((each) => each === typed)
  if (name !== undefined) return name
  throw usageError(`invalid value for --by: "${typed}"`, `use ${usageTables.join(", ")}`)
}
