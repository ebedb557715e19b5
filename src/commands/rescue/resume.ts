import { exitCodes } from "../../domain/errors.ts"
import type { ResumeLine } from "../../domain/session/resume.ts"
import { shortId } from "../../domain/session/session-id.ts"
import { hasExports } from "../../operations/exports/has-exports.ts"
import { fileOwnerOf } from "../../operations/search/foreign-records.ts"
import { isSavedUnchanged } from "../../pipeline/copies/saved-mark.ts"
import { detectAll } from "../../pipeline/detect.ts"
import { matchesName, selectNamed } from "../../pipeline/naming/select-sessions.ts"
import { actPlugin } from "../../pipeline/plugin-registry.ts"
import { newestFirst } from "../../pipeline/scan.ts"
import { type ResumeView, resumeDocument, showResume } from "../../view/sessions/resume.ts"
import { showWarnings } from "../../view/terminal/error.ts"
import { refuseToSave } from "../framework/acts.ts"
import { command, dataFlag, jsonFlag, pluginsFlag } from "../framework/command.ts"
import { openEnvironment, stringFlag } from "../framework/environment.ts"
import { usageError } from "../framework/flag-values.ts"
import { narrowFlags, parseNarrowing } from "../framework/narrow-flags.ts"
import { narrowFound, narrowNamed } from "../framework/narrow-found.ts"
import { rehome } from "../framework/rehome.ts"

const newest = 20

export default command(
  "resume",
  "Print the command that resumes a session, or the newest twenty",
  {
    session: {
      type: "positional",
      required: false,
      description: "An id (4 digits suffice), terminal, pid, title or folder",
    },
    all: { type: "boolean", description: "List every session, not only the newest twenty" },
    folder: {
      type: "string",
      valueHint: "FOLDER",
      description: "Save the session and file a copy under this folder, if its own no longer exists",
    },
    ...narrowFlags,
    ...jsonFlag,
    ...dataFlag,
    ...pluginsFlag,
  },
  [
    "session-rescue --resume",
    "session-rescue resume 01e5af14",
    "session-rescue resume 01e5af14 --folder ~/work/shop",
    "session-rescue resume --project . --since 2d",
    "session-rescue resume --all --json",
  ],
  async (parsed, signal) => {
    const environment = await openEnvironment(parsed, signal)
    const { ctx, out, json, warnings, paths, sudoUser } = environment
    const folder = stringFlag(parsed, "folder")
    const narrowing = parseNarrowing(parsed, ctx)
    if (folder !== null) {
      if (narrowing.typed !== "")
        throw usageError(`cannot combine --folder and ${narrowing.typed}`, "omit one")
      return rehome(parsed, folder, environment)
    }
    const found = newestFirst(await detectAll(ctx, narrowing.agent))
    const names = parsed.names.map((name) => {
      const held = found.some((each) => matchesName(name, each, ctx)) ? null : fileOwnerOf(name, paths)
      if (held === null) return name
      const [id, holder] = [shortId(held.id), shortId(held.holder)]
      ctx.warn(`${id} has no transcript: its conversation is in that of ${holder}, and resumes with it`)
      return held.holder
    })
    const named = names.length > 0 ? await selectNamed(names, found, { paths, ctx, verb: "resume" }) : found
    const unlimited = parsed.names.length > 0 || parsed.flags.has("all") ? null : newest
    const limited = { ...narrowing, limit: narrowing.limit ?? unlimited }
    const narrow = parsed.names.length > 0 ? narrowNamed : narrowFound
    const { sessions, view: narrowed, notShown } = await narrow(named, limited, ctx)
    const plugin = actPlugin<ResumeLine>("resume")
    const looking = { ...ctx, save: refuseToSave }
    const lines: ResumeView["lines"][number][] = []
    for (const session of sessions)
      lines.push({ session, line: await plugin.act(session, looking), saved: isSavedUnchanged(session, ctx) })
    const { now } = ctx
    const typed = { ...narrowed, limit: narrowing.limit }
    const view = {
      lines,
      narrowed: typed,
      notShown,
      now,
      home: paths.home,
      sudoUser,
      savedBefore: found.length === 0 && hasExports(paths),
    }
    if (json) out.print(JSON.stringify(resumeDocument(view, warnings), null, 2))
    else {
      showWarnings(warnings, out)
      showResume(view, out)
    }
    return exitCodes.done
  },
)
