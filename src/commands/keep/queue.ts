import { exitCodes } from "../../domain/errors.ts"
import { readEveryQueue } from "../../pipeline/queue/every-agent.ts"
import { queueDocument, showQueue } from "../../view/process/queue.ts"
import { showWarnings } from "../../view/terminal/error.ts"
import { command, dataFlag, jsonFlag, pluginsFlag } from "../framework/command.ts"
import { openEnvironment } from "../framework/environment.ts"

export default command(
  "queue",
  "List exports not yet archived, with the plugins run on them and failures",
  { ...pluginsFlag, ...jsonFlag, ...dataFlag },
  ["session-rescue queue", "session-rescue queue --json"],
  async (parsed, signal) => {
    const { ctx, out, json, warnings, paths } = await openEnvironment(parsed, signal)
    const entries = await readEveryQueue(paths, await ctx.plugins.postProcessors(), signal)
    if (json) out.print(JSON.stringify(queueDocument(entries, warnings), null, 2))
    else {
      showWarnings(warnings, out)
      showQueue(entries, { home: paths.home, pending: paths.pending, now: Date.now() }, out)
    }
    return exitCodes.done
  },
)
