import { exitCodes, isRescueError, RescueError } from "../../domain/errors.ts"
import { writeListFile } from "../../operations/render/list-file.ts"
import { RenderingStage, readRenderings } from "../../operations/render/rendering.ts"
import { candidates, type KnownSessions, sessionIds } from "../../operations/search/session-sources.ts"
import { openReadable } from "../../operations/search/show.ts"
import { Redactor, redacted } from "../../operations/share/redactor.ts"
import { resolveId } from "../../pipeline/naming/id-named.ts"
import { absolutePath } from "../../system/config/paths.ts"
import { PageRenderer } from "../../view/render/pages.ts"
import { type Rendered, renderDocument, renderingList, showRendered } from "../../view/share/rendered.ts"
import { noteShared } from "../../view/share/secrets.ts"
import { showWarnings } from "../../view/terminal/error.ts"
import { command, dataFlag, jsonFlag, pluginsFlag } from "../framework/command.ts"
import { type Environment, openEnvironment, stringFlag } from "../framework/environment.ts"
import { usageError } from "../framework/flag-values.ts"
import { checkShareFlags, homesOf, readingView, selectItems, shareFlags } from "./reading.ts"

export default command(
  "render",
  "Render sessions as HTML files without any script: pages, prompts, subagents",
  {
    session: {
      type: "positional",
      required: false,
      description: "Session ids (4 digits suffice), terminals, pids, titles or folders",
    },
    all: { type: "boolean", description: "Every session that is found here or was exported" },
    to: { type: "string", valueHint: "FOLDER", description: "Folder to render into; created if missing" },
    index: { type: "boolean", description: "Also write index.html, the list of all sessions in that folder" },
    "all-parts": { type: "boolean", description: "Show everything, also the client's own texts" },
    "no-tools": { type: "boolean", description: "Hide tool calls and results" },
    ...shareFlags,
    ...pluginsFlag,
    ...jsonFlag,
    ...dataFlag,
  },
  [
    "session-rescue render 01e5af14 --to ~/read",
    "session-rescue render --all --to ~/read --index",
    "session-rescue render 01e5af14 --to ~/shared --share --strict",
  ],
  async (parsed, signal) => {
    const all = parsed.flags.has("all")
    const typed = stringFlag(parsed, "to")
    if (typed === null)
      throw usageError("render needs a folder to write to", "session-rescue render SESSION --to FOLDER")
    if (all === parsed.names.length > 0)
      throw usageError(
        all ? "--all cannot be combined with names" : "no session given to render",
        "session-rescue render SESSION --to FOLDER   (or every session: --all)",
      )
    checkShareFlags(parsed)
    const environment = await openEnvironment(parsed, signal)
    const { ctx, paths, json, warnings, out } = environment
    const to = absolutePath(typed, paths.home)
    const among = await candidates("", paths, ctx)
    const ids = all
      ? sessionIds(among)
      : await Promise.all(parsed.names.map((name) => resolveId(name, "render", paths, ctx)))
    const rendered: Rendered[] = []
    const failures: { id: string; error: RescueError }[] = []
    for (const id of new Set(ids)) {
      if (signal.aborted) break
      try {
        rendered.push(await renderOne(id, to, among, environment))
      } catch (error) {
        if (!isRescueError(error) || (!all && parsed.names.length === 1)) throw error
        failures.push({ id, error })
      }
    }
    const index = parsed.flags.has("index") ? `${to}/index.html` : null
    if (index !== null && rendered.length > 0) await writeListFile(index, renderingList(readRenderings(to)))
    const view = { rendered, failures, index: rendered.length > 0 ? index : null }
    if (json) out.print(JSON.stringify(renderDocument(view, warnings), null, 2))
    else {
      showWarnings(warnings, out)
      for (const { report } of rendered) if (report !== null) noteShared(report, out)
      showRendered(view, paths.home, out)
    }
    if (signal.aborted) return exitCodes.interrupted
    const found = rendered.some(({ report }) => (report?.secrets.length ?? 0) > 0)
    return failures.length > 0 || (parsed.flags.has("strict") && found) ? exitCodes.failed : exitCodes.done
  },
)

async function renderOne(
  name: string,
  to: string,
  among: KnownSessions,
  { ctx, paths, parsed }: Environment,
): Promise<Rendered> {
  const session = await openReadable(name, paths, ctx, { usage: true, among })
  const redactor = parsed.flags.has("share") ? new Redactor(homesOf(paths, ctx)) : null
  const { heading, view } = await readingView(session, parsed, redactor, "pages")
  const renderer = new PageRenderer(heading, view)
  const stage = await RenderingStage.open(to, session.id)
  try {
    const shown = selectItems(session, parsed, null)
    for await (const item of redactor === null ? shown : redacted(shown, redactor))
      for (const { name: file, html } of renderer.read(item)) await stage.add(file, html)
    if (ctx.signal.aborted)
      throw new RescueError("INTERRUPTED", `interrupted: ${session.id} was not rendered`, "run it again")
    for (const { name: file, html } of renderer.end()) await stage.add(file, html)
    const { summary } = renderer
    const folder = await stage.publish({
      ...{ agent: session.agent, title: heading.title, ...summary },
      renderedAt: new Date(ctx.now).toISOString(),
      shared: redactor !== null,
    })
    return { id: session.id, folder, title: heading.title, ...summary, report: redactor?.report ?? null }
  } finally {
    stage.close()
  }
}
