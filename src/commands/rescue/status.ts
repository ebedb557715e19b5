import { type ExitCode, exitCodes, RescueError } from "../../domain/errors.ts"
import type { ResumeLine } from "../../domain/session/resume.ts"
import { version } from "../../domain/version.ts"
import { hasExports } from "../../operations/exports/has-exports.ts"
import { watcherStanding, watcherTrouble } from "../../operations/watch/installed.ts"
import { detectAll } from "../../pipeline/detect.ts"
import { type ListedSession, listNarrowed, type NarrowedList } from "../../pipeline/listing/list-sessions.ts"
import { selectNamed } from "../../pipeline/naming/select-sessions.ts"
import { actPlugin } from "../../pipeline/plugin-registry.ts"
import { canDraw } from "../../system/terminal/screen.ts"
import { type ListSorting, listSortings, sortItems } from "../../view/menu/list-state.ts"
import { servicesOf } from "../../view/sessions/background.ts"
import { showOneSession } from "../../view/sessions/one-session.ts"
import { statusDocument } from "../../view/sessions/session-json.ts"
import { type StatusView, showStatus } from "../../view/sessions/status.ts"
import { showWarnings } from "../../view/terminal/error.ts"
import { refuseToSave } from "../framework/acts.ts"
import { type Command, command, dataFlag, jsonFlag, type Parsed, pluginsFlag } from "../framework/command.ts"
import { type Environment, openEnvironment, stringFlag } from "../framework/environment.ts"
import { narrowFlags, parseNarrowing } from "../framework/narrow-flags.ts"
import { reportExcluded } from "../framework/narrow-found.ts"

const lastMessageCount = 6

const processExports: Command["run"] = async (...args) => (await import("../keep/cx.ts")).default.run(...args)

export default command(
  "status",
  "List every session on this machine with its state; write nothing",
  {
    session: {
      type: "positional",
      required: false,
      description: "Show these in full: ids (4 digits suffice), terminals, pids, titles or folders",
    },
    all: { type: "boolean", description: "Show everything, also what is old or does not fit the screen" },
    explain: { type: "boolean", description: "Show the evidence for each state, and rejected processes" },
    ...narrowFlags,
    "hung-after": {
      type: "string",
      valueHint: "TIME",
      description: "Silence after which a session counts as hung (10m)",
    },
    sort: { type: "string", valueHint: "need|activity|size|memory", description: "Sort order (need)" },
    watch: { type: "boolean", description: "Show the list live, with keys to export, end and resume" },
    utc: { type: "boolean", description: "Show times in UTC" },
    ...jsonFlag,
    ...dataFlag,
    ...pluginsFlag,
  },
  [
    "session-rescue --status",
    "session-rescue status 01e5af14",
    "session-rescue status --explain --hung-after 30m",
    "session-rescue status --all --json",
  ],
  async (parsed, signal) => {
    const sort = parseSorting(stringFlag(parsed, "sort"))
    if (parsed.flags.has("watch")) return watch(parsed, signal)
    const environment = await openEnvironment(parsed, signal, ["detect", "classify"])
    const { ctx, out, json, warnings, rejected, helpers, paths, sudoUser } = environment
    const trouble = watcherTrouble(await watcherStanding(paths, ctx.files), version)
    if (trouble !== null) ctx.warn(`${trouble.message}: ${trouble.next}`)
    const narrowing = parseNarrowing(parsed, ctx)
    const detected = await detectAll(ctx, narrowing.agent)
    const { names } = parsed
    const found =
      names.length === 0 ? detected : await selectNamed(names, detected, { paths, ctx, verb: "status" })
    const all = parsed.flags.has("all") || names.length > 0
    const brief = names.length === 0 && !json && !parsed.flags.has("explain")
    const list = await listNarrowed(found, narrowing, ctx, { all, brief })
    if (names.length > 0) {
      const excluded = found.length - list.listed.length - list.leftOff
      reportExcluded({ named: found.length, excluded, what: "session" }, narrowing, ctx)
    }
    if (names.length > 0 && !json) {
      showWarnings(warnings, out)
      for (const item of list.listed) await showOne(item, environment)
      return exitCodes.done
    }
    const view = viewOf(list, sort, {
      services: servicesOf(
        helpers.values(),
        list.listed.map(({ session }) => session),
      ),
      narrowed: { ...narrowing, found: found.length, leftOff: list.leftOff },
      rejected,
      explain: parsed.flags.has("explain"),
      all: parsed.flags.has("all"),
      now: ctx.now,
      home: paths.home,
      sudoUser,
      savedBefore: found.length === 0 && hasExports(paths),
    })
    if (json) out.print(JSON.stringify(statusDocument(view, warnings), null, 2))
    else {
      showWarnings(warnings, out)
      showStatus(view, out)
    }
    return exitCodes.done
  },
)

async function watch(parsed: Parsed, signal: AbortSignal): Promise<ExitCode> {
  if (parsed.flags.has("json") || parsed.names.length > 0)
    throw new RescueError(
      "USAGE",
      "--watch takes no names and no --json",
      "watch: session-rescue status --watch",
    )
  if (!canDraw())
    throw new RescueError("USAGE", "no terminal to show the list on", "list once: session-rescue status")
  const { runSessionList } = await import("../menu/session-list.ts")
  return runSessionList({ parsed, signal, processExports, stay: true })
}

function parseSorting(typed: string | null): ListSorting {
  const sort = listSortings.find((each) => each === (typed ?? "need"))
  if (sort !== undefined) return sort
  throw new RescueError("USAGE", `invalid value for --sort: "${typed}"`, "use need, activity, size or memory")
}

function viewOf(
  { listed, notRead }: NarrowedList,
  sort: ListSorting,
  facts: Omit<StatusView, "listed" | "notRead">,
): StatusView {
  return { ...facts, listed: sortItems(listed, sort), notRead }
}

async function showOne(item: ListedSession, { ctx, out, paths, parsed }: Environment): Promise<void> {
  const plugin = actPlugin<ResumeLine>("resume")
  const resume = await plugin.act(item.session, { ...ctx, save: refuseToSave })
  const { readLastMessages } = await import("../../operations/menu/last-messages.ts")
  const lastMessages = await readLastMessages(item.session, lastMessageCount, ctx)
  const utc = parsed.flags.has("utc")
  showOneSession({ item, lastMessages, resume, now: ctx.now, home: paths.home, utc }, out)
}
