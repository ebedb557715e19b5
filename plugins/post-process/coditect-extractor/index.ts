/**
 * Passes an export to CODITECT's own extractor, if installed, and tells it to leave the file in place:
 * archiving is the host's task.
 */
import { definePlugin, type PostProcessContext } from "session-rescue"

/** Script names, newest first (CODITECT's public documentation). */
const scripts = ["unified-message-extractor.py", "context-extractor.py"]

export default definePlugin({
  name: "coditect-extractor",
  stage: "post-process",
  on: "cx",
  order: "post",
  async run(exported, ctx) {
    const command = installed(ctx)
    if (command === null) return { skipped: "CODITECT's own extractor is not installed" }
    const args = ["--jsonl", exported.path, "--llm", "claude", "--no-archive"]
    const { code, stdout, stderr } = await ctx.run([...command, ...args])
    const result = { code, stdout: stdout.slice(-maxOutputChars), stderr: stderr.slice(-maxOutputChars) }
    if (code !== 0) {
      const how = code === null ? "could not be run to its end" : `ended with exit code ${code}`
      const message = lastLine(stderr) ?? lastLine(stdout) ?? "it printed nothing"
      throw Object.assign(new Error(`${command[1]} ${how}: ${message}`), { result })
    }
    return result
  },
})

/** Limit on the stored output. */
const maxOutputChars = 8192

function installed(ctx: PostProcessContext): readonly [string, string] | null {
  const folder = `${ctx.paths.home}/.coditect`
  const python = `${folder}/.venv/bin/python3`
  if (ctx.files.real(python) === null) return null
  const script = scripts
    .map((name) => `${folder}/scripts/${name}`)
    .find((path) => ctx.files.real(path) !== null)
  return script === undefined ? null : [python, script]
}

function lastLine(text: string): string | undefined {
  return text.trimEnd().split("\n").at(-1)?.trim() || undefined
}
