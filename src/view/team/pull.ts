import { shortId } from "../../domain/session/session-id.ts"
import type { PullReport } from "../../operations/team/fetch/pull.ts"
import { shortPath } from "../terminal/format.ts"
import { errorDocument, schemaVersion } from "../terminal/json.ts"
import type { Output } from "../terminal/output.ts"
import { sanitize } from "../terminal/sanitize.ts"
import { formatSessionLine } from "../terminal/session-line.ts"

const margin = " ".repeat(8)
const labels = { pulled: "pulled  ", there: "here    ", failed: "FAILED  " }

export function showPull({ exports, interrupted }: PullReport, home: string, out: Output): void {
  const { paint } = out
  for (const { of, title, status, path, error } of exports) {
    const colour = status === "failed" ? paint.red : paint.green
    const facts = [`of ${of.owner}`, ...(status === "there" ? ["this machine has it"] : [])]
    const line = { label: colour(labels[status]), id: shortId(of.session) ?? "no id", title, facts }
    out.print(formatSessionLine(line, out.columns))
    if (path !== null) out.print(paint.dim(margin + sanitize(shortPath(path, home))))
    if (error === null) continue
    out.print(`${margin}${sanitize(error.message)}`)
    out.print(`${margin}${sanitize(error.hint)}`)
  }
  const number = (wanted: string) => exports.filter(({ status }) => status === wanted).length
  const failed = number("failed") === 0 ? "" : ` · ${number("failed")} FAILED`
  out.print(paint.bold(`${number("pulled")} pulled and verified · ${number("there")} here before${failed}`))
  const [good] = exports.filter(({ status }) => status !== "failed")
  const next =
    good === undefined
      ? "see the reasons above"
      : `session-rescue show ${shortId(good.of.session)}, or session-rescue restore ${shortId(good.of.session)}`
  out.print(interrupted ? "Interrupted. Next: run it again for the rest" : `Next: ${next}`)
}

export function pullDocument({ place, exports, interrupted }: PullReport, warnings: readonly string[]) {
  return {
    schemaVersion,
    place,
    exports: exports.map(({ of, title, cwd, status, path, error }) => ({
      id: of.session,
      owner: of.owner,
      export: of.name,
      title,
      cwd,
      status,
      path,
      error: error === null ? null : errorDocument(error).error,
    })),
    interrupted,
    warnings,
  }
}
