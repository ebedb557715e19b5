import { exitCodes } from "../../domain/errors.ts"
import { narrowExports } from "../../operations/exports/narrow.ts"
import { selectExports } from "../../operations/exports/select.ts"
import { exportListDocument, showExportList } from "../../view/exports/list.ts"
import { showWarnings } from "../../view/terminal/error.ts"
import { command, dataFlag, jsonFlag, pluginsFlag } from "../framework/command.ts"
import { openEnvironment } from "../framework/environment.ts"
import { narrowFlags, parseNarrowing, stateNames } from "../framework/narrow-flags.ts"
import { reportExcluded } from "../framework/narrow-found.ts"

const { saved, unsaved, ...exportFlags } = {
  ...narrowFlags,
  state: {
    ...narrowFlags.state,
    valueHint: stateNames.join("|"),
    description: "Only sessions saved in this state, or in one of several",
  },
}

export default command(
  "list",
  "List exports and archives, newest first",
  {
    export: {
      type: "positional",
      required: false,
      description: "List only these: ids (4 digits suffice) or files",
    },
    ...exportFlags,
    ...jsonFlag,
    ...dataFlag,
    ...pluginsFlag,
  },
  [
    "session-rescue list",
    "session-rescue list --project . --since 2d",
    "session-rescue list 01e5af14 --json",
  ],
  async (parsed, signal) => {
    const { ctx, out, json, warnings, paths } = await openEnvironment(parsed, signal)
    const narrowing = parseNarrowing(parsed, ctx)
    const found = selectExports(parsed.names, paths)
    const { entries, excluded, leftOff } = narrowExports(found, narrowing)
    if (parsed.names.length > 0)
      reportExcluded({ named: found.length, excluded, what: "export" }, narrowing, ctx)
    const view = { ...narrowing, found: found.length, leftOff }
    if (json) {
      const counts = { notShown: excluded + leftOff, leftOff }
      out.print(JSON.stringify(exportListDocument(entries, counts, warnings), null, 2))
    } else {
      showWarnings(warnings, out)
      showExportList(entries, { home: paths.home, now: ctx.now, narrowed: view }, out)
    }
    return exitCodes.done
  },
)
