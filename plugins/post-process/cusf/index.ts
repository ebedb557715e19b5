/**
 * Writes each processed export in CUSF, the common format of sessions, into the folder of the option `output`. Without
 * that option it does not run: it would be a second copy of everything.
 */
import { cusfLines, cusfName, definePlugin, sha256Of } from "session-rescue"

/** As long as the host reads one. */
const maxManifestBytes = 64 * 1024 * 1024

export default definePlugin({
  name: "cusf",
  stage: "post-process",
  on: "cx",
  options: { output: "string" },
  needs: ["output"],
  async run(exported, ctx) {
    const { manifest, manifestPath, name } = exported
    const text = manifestPath === null ? null : ctx.files.text(manifestPath, maxManifestBytes)
    if (manifest === null || text === null)
      return { skipped: "it has no manifest: nothing says which session it is" }
    const folder = String(ctx.options.output).replace(/^~(?=\/|$)/, ctx.paths.home)
    if (!folder.startsWith("/")) throw new Error(`output is no absolute path, nor one below ~: ${folder}`)
    const lines = cusfLines({ name, manifest, manifestSha256: sha256Of(text) }, ctx.messages(exported))
    return ctx.writeWhole(`${folder}/${cusfName({ name, manifest })}.jsonl`, lines)
  },
})
