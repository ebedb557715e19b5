import { exitCodes } from "../domain/errors.ts"
import { selectExports } from "../operations/exports/select.ts"
import { exportListDocument, showExportList } from "../view/exports/list.ts"
import { showWarnings } from "../view/terminal/error.ts"
import { command, dataFlag, jsonFlag, pluginsFlag } from "./framework/command.ts"
import { openEnvironment } from "./framework/environment.ts"

export default command(
  "list",
  "List exports and archives, newest first",
  {
    export: {
      type: "positional",
      required: false,
      description: "List only these: ids (4 digits suffice) or files",
    },
    ...jsonFlag,
    ...dataFlag,
    ...pluginsFlag,
  },
  ["session-rescue list", "session-rescue list 01e5af14 --json"],
  async (parsed, signal) => {
    const { ctx, out, json, warnings, paths } = await openEnvironment(parsed, signal)
    const entries = selectExports(parsed.names, paths)
    if (json) out.print(JSON.stringify(exportListDocument(entries, warnings), null, 2))
    else {
      showWarnings(warnings, out)
      showExportList(entries, { home: paths.home, now: ctx.now }, out)
    }
    return exitCodes.done
  },
)
