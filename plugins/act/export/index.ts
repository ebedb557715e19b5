/** Decides what to save of a session and under which name; the host copies and verifies. */
import {
  type ActContext,
  type ClassifiedSession,
  definePlugin,
  type ExportResult,
  type FootprintFile,
  RescueError,
  showPath,
} from "session-rescue"

export default definePlugin({
  name: "export",
  stage: "act",
  async act(session: ClassifiedSession, ctx: ActContext): Promise<ExportResult> {
    const { id, footprint, lost = [] } = session
    if (id === null || (footprint.length === 0 && lost.length === 0)) return nothingYet(session)
    const transcript = session.footprint.find((file) => file.path === session.transcript)
    if (transcript?.kind === "link") {
      const target = ctx.files.linkTarget(transcript.path)
      throw new RescueError(
        "SOURCE_IS_LINK",
        `the transcript ${showPath(transcript.path)} is a link and links inside a session are not followed`,
        `copy its target yourself:  ${target === null ? "its target cannot be read" : showPath(target)}`,
      )
    }
    if (transcript?.kind === "other") {
      const message = `the transcript ${showPath(transcript.path)} is not a plain file`
      throw new RescueError("SOURCE_NOT_REGULAR", message, "it was not opened; nothing of it can be saved")
    }
    const rest = session.footprint.filter((file) => file !== transcript)
    return ctx.save({
      id,
      transcript: session.transcript,
      ...(session.rows === undefined ? {} : { rows: session.rows }),
      ...(transcript?.store === undefined ? {} : { transcriptStore: transcript.store }),
      files: rest.filter((file) => file.kind === "file" && file.skipReason === undefined).map(place),
      links: rest.filter((file) => file.kind === "link").map(place),
      others: rest
        .filter((file) => file.kind === "other" || file.skipReason !== undefined)
        .map(({ path, relative, skipReason }) => ({ source: path, relative, why: skipReason })),
      session: {
        id,
        agent: session.agent,
        home: session.home,
        transcript: session.transcript === null ? null : showPath(session.transcript),
        cwd: session.cwd,
        title: session.title,
        state: session.state,
        detail: session.detail,
        flags: [...session.flags],
        lastRecordAt:
          session.turn.lastRecordAt === null ? null : new Date(session.turn.lastRecordAt).toISOString(),
      },
    })
  },
})

function place(file: FootprintFile) {
  const { path, relative, tie, store } = file
  return {
    source: path,
    relative,
    ...(tie === undefined ? {} : { tie }),
    ...(store === undefined ? {} : { store }),
  }
}

function nothingYet(session: ClassifiedSession): ExportResult {
  const nothing = { path: null, manifest: null, bytes: 0, files: 0, sha256: null, md5: null }
  return { id: session.id, status: "empty", ...nothing }
}
