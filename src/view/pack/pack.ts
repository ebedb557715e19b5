import { shortId } from "../../domain/session/session-id.ts"
import type { PackReport } from "../../operations/pack/pack.ts"
import type { SharedReport } from "../../operations/pack/share.ts"
import type { UnpackReport } from "../../operations/pack/unpack.ts"
import type { RestoreReport } from "../../operations/restore/report.ts"
import { noteShared, secretFacts } from "../share/secrets.ts"
import { count, formatSize, shortPath } from "../terminal/format.ts"
import { schemaVersion } from "../terminal/json.ts"
import type { SystemOutput } from "../terminal/output.ts"
import { sanitize } from "../terminal/sanitize.ts"
import { formatSessionLine } from "../terminal/session-line.ts"

export function showPack(report: PackReport, home: string, out: SystemOutput): void {
  for (const { id, title, export: name } of report.sessions)
    out.print(
      formatSessionLine(
        { label: out.paint.green("packed    "), id: shortId(id), title, facts: [sanitize(name)] },
        out.columns,
      ),
    )
  const path = sanitize(shortPath(report.path, home))
  out.print(`${count(report.files, "file")}, ${formatSize(report.bytes)}, read again and compared: ${path}`)
  const { shared } = report
  if (shared === null) out.print("It holds the conversations whole, with what is secret in them.")
  else showShared(shared, out)
  const name = sanitize(report.path.split("/").at(-1) ?? "")
  const folder = shared === null ? "" : " --folder FOLDER"
  out.print(`Next, on the other machine: session-rescue unpack ${name}${folder}`)
}

function showShared(shared: SharedReport, out: SystemOutput): void {
  out.print("It is redacted: what looks like a secret is blacked out, and ~ stands for your home folder.")
  if (shared.unreadLines > 0) out.note(`left out: ${count(shared.unreadLines, "line")} that cannot be read`)
  for (const relative of shared.leftOut) out.note(`left out: ${sanitize(relative)} (no text, or too large)`)
  noteShared(shared, out)
}

export function packDocument(
  { path, bytes, files, sessions, shared }: PackReport,
  warnings: readonly string[],
) {
  const made = { path, bytes, files, sessions: sessions.map((each) => ({ ...each })) }
  return {
    ...{ schemaVersion, ...made, redacted: shared !== null },
    secrets: shared === null ? null : shared.secrets.map(secretFacts),
    leftOut:
      shared === null
        ? null
        : { unreadLines: shared.unreadLines, pictures: shared.pictures, files: [...shared.leftOut] },
    warnings,
  }
}

/** What is at another path than where it came from. */
function changesOf({ saved, root, files }: RestoreReport) {
  const { home } = saved.manifest.session
  return files
    .flatMap(({ relative, path, outcome }) => {
      const from = `${home}/${relative}`
      return outcome === "skipped" || path === from ? [] : [{ from, to: path }]
    })
    .concat(home === root ? [] : [{ from: home, to: root }])
}

const isRedacted = ({ saved }: RestoreReport) => saved.manifest.derivation?.kind === "redacted"

const maxListed = 6

export function showUnpack(report: UnpackReport, home: string, out: SystemOutput): void {
  const margin = " ".repeat(10)
  for (const each of report.reports) {
    const { id, title, cwd } = each.saved.manifest.session
    const label = each.confirmed ? out.paint.green("unpacked  ") : out.paint.yellow("UNSURE    ")
    const facts = [count(each.files.length, "file"), sanitize(shortPath(each.root, home))]
    out.print(formatSessionLine({ label, id: shortId(id), title, facts }, out.columns))
    if (isRedacted(each))
      out.print(
        out.paint.yellow(`${margin}redacted by who packed it: secrets blacked out, ~ for the home folder`),
      )
    // in a redacted pack a path begins with the other person's `~`
    const changes = changesOf(each).filter(({ from, to }) => from !== shortPath(to, home))
    for (const { from, to } of changes.slice(0, maxListed))
      out.print(`${margin}${sanitize(from)} → ${sanitize(shortPath(to, home))}`)
    if (changes.length > maxListed)
      out.print(`${margin}… and ${changes.length - maxListed} more (--json lists all)`)
    if (each.folder === null && cwd !== null)
      out.print(
        `${margin}it goes on in ${sanitize(cwd)}; for another folder: session-rescue resume ${shortId(id)} --folder FOLDER`,
      )
    for (const { relative, why } of each.files)
      if (why !== null) out.print(`${margin}not written: ${sanitize(relative)}: ${sanitize(why)}`)
  }
  for (const { saved, error } of report.failures) {
    out.print(
      `${out.paint.red("FAILED    ")}${shortId(saved.manifest.session.id)}: ${sanitize(error.message)}`,
    )
    out.print(`${margin}${sanitize(error.hint)}`)
  }
  const failed = report.failures.length
  out.print(
    failed > 0 || report.interrupted
      ? `${count(report.reports.length, "session")} unpacked, ${count(failed, "session")} NOT; their exports are kept`
      : "Next: session-rescue --resume   (the commands that resume them)",
  )
}

export function unpackDocument(
  { reports, failures, interrupted }: UnpackReport,
  warnings: readonly string[],
) {
  return {
    schemaVersion,
    sessions: reports.map((each) => ({
      id: each.saved.manifest.session.id,
      export: each.saved.path,
      redacted: isRedacted(each),
      root: each.root,
      folder: each.folder,
      confirmed: each.confirmed,
      files: each.files.length,
      changes: changesOf(each),
    })),
    failures: failures.map(({ saved, error }) => {
      const { code, message, hint } = error
      return { id: saved.manifest.session.id, code, message, hint }
    }),
    interrupted,
    warnings,
  }
}
