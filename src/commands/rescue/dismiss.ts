import { exitCodes, RescueError } from "../../domain/errors.ts"
import { isAlarm } from "../../domain/listing/need.ts"
import { detectAll } from "../../pipeline/detect.ts"
import { DismissedAlarms } from "../../pipeline/listing/dismissed.ts"
import { listSessions } from "../../pipeline/listing/list-sessions.ts"
import { selectNamed } from "../../pipeline/naming/select-sessions.ts"
import { dismissDocument, showDismissed } from "../../view/sessions/dismissed.ts"
import { showWarnings } from "../../view/terminal/error.ts"
import { command, dataFlag, jsonFlag, pluginsFlag } from "../framework/command.ts"
import { openEnvironment } from "../framework/environment.ts"

export default command(
  "dismiss",
  "Dismiss the alarm of crashed sessions until they are written to again",
  {
    session: {
      type: "positional",
      required: false,
      description: "Ids (4 digits suffice), titles or folders",
    },
    all: { type: "boolean", description: "All crashed sessions that are listed" },
    undo: { type: "boolean", description: "Raise the alarm again" },
    ...jsonFlag,
    ...dataFlag,
    ...pluginsFlag,
  },
  [
    "session-rescue dismiss 01e5af14",
    "session-rescue dismiss --all",
    "session-rescue dismiss 01e5af14 --undo",
  ],
  async (parsed, signal) => {
    const { names, flags } = parsed
    if (names.length === 0 && !flags.has("all"))
      throw new RescueError("USAGE", "no session given to dismiss", "list them: session-rescue --status")
    const { ctx, out, json, warnings, paths } = await openEnvironment(parsed, signal, ["detect", "classify"])
    const detected = await detectAll(ctx, null)
    const found =
      names.length === 0 ? detected : await selectNamed(names, detected, { paths, ctx, verb: "dismiss" })
    const { listed } = await listSessions(found, ctx, { all: names.length > 0 })
    const alarms = DismissedAlarms.read(paths.data, ctx.files)
    const undo = flags.has("undo")
    const changed = listed.filter(({ need, session }) => (undo ? alarms.has(session) : isAlarm(need)))
    const sessions = changed.map(({ session }) => session)
    if (undo) await alarms.remove(sessions)
    else await alarms.add(sessions, ctx.now)
    if (json) out.print(JSON.stringify(dismissDocument(changed, undo, warnings), null, 2))
    else {
      showWarnings(warnings, out)
      showDismissed(
        { changed, unchanged: names.length === 0 ? 0 : listed.length - changed.length, undo },
        out,
      )
    }
    return exitCodes.done
  },
)
