import { RescueError } from "../../domain/errors.ts"
import { findOpenThen } from "../../operations/reopen/open-set.ts"
import { isTmuxRunning, reopenAll } from "../../operations/reopen/reopen.ts"
import { detectAll } from "../../pipeline/detect.ts"
import { reopenDocument, showReopen } from "../../view/reopen/reopen.ts"
import { showWarnings } from "../../view/terminal/error.ts"
import { refuseToSave } from "../framework/acts.ts"
import { command, dataFlag, jsonFlag, pluginsFlag, worst } from "../framework/command.ts"
import { openEnvironment } from "../framework/environment.ts"
import { timeFlag } from "../framework/flag-values.ts"

export default command(
  "reopen",
  "Open again what was open when the machine or tmux went down",
  {
    at: {
      type: "string",
      valueHint: "TIME",
      description: "What was open at this time instead: 2026-11-22T14:30, yesterday, 90m",
    },
    "dry-run": { type: "boolean", description: "List the sessions, and open nothing" },
    ...jsonFlag,
    ...dataFlag,
    ...pluginsFlag,
  },
  ["session-rescue reopen --dry-run", "session-rescue reopen", "session-rescue reopen --at 2026-11-22T14:30"],
  async (parsed, signal) => {
    if (parsed.names.length > 0)
      throw new RescueError("USAGE", "reopen takes no names", "resume one: session-rescue resume ID")
    const { ctx, out, json, warnings, paths } = await openEnvironment(parsed, signal)
    const dryRun = parsed.flags.has("dry-run")
    const open = await findOpenThen(await detectAll(ctx, null), timeFlag(parsed, "at", ctx.now, false), ctx)
    const inTmux = await isTmuxRunning()
    const reopened = await reopenAll(open, ctx, { inTmux: inTmux && !dryRun, save: refuseToSave })
    const facts = { home: paths.home, now: ctx.now, dryRun, inTmux }
    if (json) out.print(JSON.stringify(reopenDocument(reopened, facts, warnings), null, 2))
    else {
      showWarnings(warnings, out)
      showReopen(reopened, facts, out)
    }
    const isIncomplete = reopened.some(({ outcome }) => outcome === "none")
    return worst({ interrupted: reopened.length < open.length, failed: isIncomplete })
  },
)
