import { exitCodes, RescueError } from "../domain/errors.ts"
import { detectAll } from "../pipeline/detect.ts"
import { sortByMemory, withResourceUsage } from "../pipeline/resource-usage.ts"
import { newestFirst, scanAll, scanRelevant } from "../pipeline/scan.ts"
import type { ClassifiedSession } from "../sdk/contracts.ts"
import { servicesOf } from "../view/sessions/background.ts"
import { statusDocument } from "../view/sessions/session-json.ts"
import { showStatus } from "../view/sessions/status.ts"
import { showWarnings } from "../view/terminal/error.ts"
import { command, dataFlag, jsonFlag, pluginsFlag } from "./framework/command.ts"
import { openEnvironment, stringFlag } from "./framework/environment.ts"

const sortings = ["activity", "size", "memory"]

export default command(
  "status",
  "List every session on this machine with its state; write nothing",
  {
    all: { type: "boolean", description: "Include old and archived sessions" },
    explain: { type: "boolean", description: "Show the evidence for each state, and rejected processes" },
    agent: {
      type: "string",
      valueHint: "AGENT",
      description: "Show only sessions of this agent (claude-code)",
    },
    "hung-after": {
      type: "string",
      valueHint: "TIME",
      description: "Silence after which a session counts as hung (10m)",
    },
    sort: { type: "string", valueHint: "activity|size|memory", description: "Sort order (activity)" },
    ...jsonFlag,
    ...dataFlag,
    ...pluginsFlag,
  },
  [
    "session-rescue --status",
    "session-rescue status --explain --hung-after 30m",
    "session-rescue status --all --json",
  ],
  async (parsed, signal) => {
    const sort = stringFlag(parsed, "sort") ?? "activity"
    if (!sortings.includes(sort))
      throw new RescueError("USAGE", `invalid value for --sort: "${sort}"`, "use activity, size or memory")
    const { ctx, out, json, warnings, rejected, helpers, paths, sudoUser } = await openEnvironment(
      parsed,
      signal,
      ["detect", "classify"],
    )
    const found = await detectAll(ctx, stringFlag(parsed, "agent"))
    const survey = parsed.flags.has("all") ? await scanAll(found, ctx) : await scanRelevant(found, ctx)
    const explain = parsed.flags.has("explain")
    const services = servicesOf(helpers.values(), survey.sessions)
    const uses = json || explain || sort === "memory"
    const sessions = sorted(uses ? await withResourceUsage(survey.sessions, ctx) : survey.sessions, sort)
    const { notShown } = survey
    const view = { sessions, notShown, services, rejected, explain, now: ctx.now, home: paths.home, sudoUser }
    if (json) out.print(JSON.stringify(statusDocument(view, warnings), null, 2))
    else {
      showWarnings(warnings, out)
      showStatus(view, out)
    }
    return exitCodes.done
  },
)

/** Of those that take as much memory, or none, the newest come first. */
function sorted(sessions: readonly ClassifiedSession[], by: string): readonly ClassifiedSession[] {
  if (by === "size") return sessions.toSorted((a, b) => b.sizeBytes - a.sizeBytes)
  return by === "memory" ? sortByMemory(newestFirst(sessions)) : newestFirst(sessions)
}
