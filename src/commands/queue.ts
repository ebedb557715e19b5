import { postProcessPlugins } from "../pipeline/plugins.ts"
import { readQueue, tries } from "../pipeline/queue-entries.ts"
import { exitCodes } from "../session/errors.ts"
import { showWarnings } from "../view/error.ts"
import { showQueue } from "../view/queue.ts"
import { queueDocument } from "../view/queue-json.ts"
import { command, dataFlag, jsonFlag, pluginsFlag } from "./command.ts"
import { openEnvironment } from "./environment.ts"

export default command(
  "queue",
  "What is exported and not yet archived: what has been run on it, what failed and how often. Writes nothing.",
  { ...pluginsFlag, ...jsonFlag, ...dataFlag },
  ["session-rescue queue", "session-rescue queue --json"],
  async (parsed, signal) => {
    const { out, json, warnings, paths } = await openEnvironment(parsed, signal)
    const entries = await readQueue(paths, await postProcessPlugins(), signal)
    if (json) out.print(JSON.stringify(queueDocument(entries, warnings), null, 2))
    else {
      showWarnings(warnings, out)
      showQueue(entries, { home: paths.home, pending: paths.pending, tries }, out)
    }
    return exitCodes.done
  },
)
