import { missingIn } from "../../domain/export/manifest.ts"
import { shortId } from "../../domain/session/session-id.ts"
import { singleQuote } from "../../domain/shell-quote.ts"
import type { RestoredFile, RestoreReport } from "../../operations/restore/report.ts"
import { count, describePurge, formatSize, shortPath } from "../terminal/format.ts"
import { exportFacts, iso, schemaVersion } from "../terminal/json.ts"
import type { SystemOutput } from "../terminal/output.ts"
import { sanitize } from "../terminal/sanitize.ts"

export interface RestoreFacts {
  readonly dryRun: boolean
  readonly home: string
  readonly now: number
}

const margin = " ".repeat(10)

export function showRestore(report: RestoreReport, facts: RestoreFacts, out: SystemOutput): void {
  const { saved, files, links } = report
  const { paint } = out
  const say = (line: string) => out.print(margin + line)
  const short = (path: string) => sanitize(shortPath(path, facts.home))
  const bytes = files.reduce((sum, file) => sum + file.bytes, 0)
  const wrote = files.some(({ outcome }) => outcome === "restored" || outcome === "replaced")
  const done = wrote ? "restored  " : "in place  "
  const word = facts.dryRun ? "dry run   " : report.confirmed ? done : "UNSURE    "
  const head = `${shortId(saved.manifest.session.id)} · ${formatSize(bytes)} in ${count(files.length, "file")} · ${short(report.root)}`
  out.print(`${(report.confirmed ? paint.green : paint.yellow)(word)}${head}`)
  say(paint.dim(`from ${short(saved.path)}`))
  if (report.homeGone !== null)
    say(`its own home, ${short(report.homeGone)}, is gone: this one takes its place`)
  for (const line of describeNewFolder(report, short)) say(line)
  for (const line of describeOutcomes(files, facts.dryRun)) say(line)
  for (const { relative, why } of files)
    if (why !== null) say(paint.yellow(`not put back: ${sanitize(relative)}: ${sanitize(why)}`))
  for (const { path } of report.before) if (path !== null) say(`saved first: ${short(path)}`)
  for (const link of links) {
    if (link.outcome === "skipped")
      say(
        paint.yellow(
          `link not made: ${sanitize(link.relative)} → ${sanitize(link.target)}: ${sanitize(link.why ?? "")}`,
        ),
      )
  }
  for (const line of restoreRemarks(report, facts)) say(line)
  for (const line of restoreNextStep(report, facts)) out.print(line)
  const pasted = commandToPaste(report, facts)
  if (pasted !== null) out.exact(pasted)
}

const outcomeText: Record<RestoredFile["outcome"], readonly [done: string, planned: string]> = {
  restored: [
    "put back and read again: equal to the manifest",
    "would be put back (the export was read: it is whole)",
  ],
  replaced: [
    "replaced; what stood there was saved first",
    "would be replaced, after what stands there is saved",
  ],
  equal: ["there already, equal: left alone", "there already, equal: left alone"],
  "existing-is-longer": [
    "there already, and going on after these bytes: left alone (--force replaces, saved first)",
    "there already, and going on after these bytes: left alone (--force replaces, saved first)",
  ],
  skipped: ["not put back", "would not be put back"],
}

function describeOutcomes(files: readonly RestoredFile[], dryRun: boolean): string[] {
  return (Object.keys(outcomeText) as RestoredFile["outcome"][]).flatMap((outcome) => {
    const number = files.filter((file) => file.outcome === outcome).length
    return number === 0 ? [] : [`${count(number, "file")} ${outcomeText[outcome][dryRun ? 1 : 0]}`]
  })
}

/** Where it is now, where it was, and that nothing was taken away there. */
function describeNewFolder(
  { saved, folder, elsewhere }: RestoreReport,
  short: (path: string) => string,
): string[] {
  const { cwd } = saved.manifest.session
  const before = cwd === null ? "" : `; its records go on naming ${sanitize(cwd)}`
  return [
    ...(folder === null ? [] : [`filed under ${short(folder)}${before}`]),
    ...elsewhere.map((path) => `it lies there too, left as it is: ${short(path)}`),
  ]
}

function restoreRemarks(report: RestoreReport, { dryRun, now }: RestoreFacts): string[] {
  const lines: string[] = []
  const wrote = report.files.some(({ outcome }) => outcome === "restored" || outcome === "replaced")
  if (!dryRun && wrote && report.resume !== null)
    lines.push("they carry today's date, so that the client's cleaning does not take them at once")
  if (report.purgeAt !== null)
    lines.push(`an equal file was left as old as it is: ${describePurge(report.purgeAt, now)}`)
  if (!report.confirmed)
    lines.push(
      "a folder could not be flushed: this may not survive a power cut; the export is left as it was",
    )
  const [first, ...more] = missingIn(report.saved.manifest)
  if (first !== undefined) {
    const others = more.length === 0 ? "" : ` and ${more.length} more`
    lines.push(
      `the export was not whole: it never held ${sanitize(first.relative)}${others} (${sanitize(first.why)})`,
    )
  }
  if (!hasTranscript(report)) lines.push("the export holds parts only, no transcript: it cannot be resumed")
  return lines
}

function hasTranscript({ saved }: RestoreReport): boolean {
  return saved.manifest.files.some(({ role }) => role === "transcript")
}

function restoreNextStep({ resume }: RestoreReport, { dryRun }: RestoreFacts): string[] {
  if (dryRun) return ["Nothing was done. Next: the same without --dry-run"]
  if (resume === null) return []
  if (resume.command === null)
    return [
      `It cannot be resumed as it is: ${sanitize(resume.reason ?? "")}`,
      ...(resume.rehome === null ? ["Next: session-rescue --status --all"] : ["Next, paste this line:"]),
    ]
  return [...(resume.note === null ? [] : [sanitize(resume.note)]), "Next, paste this line:"]
}

/** The last line; it has to come out as it is, also where the terminal shows no Unicode. */
function commandToPaste({ resume, root }: RestoreReport, { dryRun }: RestoreFacts): string | null {
  if (dryRun) return null
  if (resume === null) return sanitize(`Next: ls -R ${singleQuote(root)}`)
  const pasted = resume.command ?? resume.rehome
  return pasted === null ? null : sanitize(pasted)
}

export function restoreDocument(report: RestoreReport, dryRun: boolean, warnings: readonly string[]) {
  const { saved, root, homeGone, folder, files, links, before, elsewhere, confirmed, resume, purgeAt } =
    report
  return {
    schemaVersion,
    restore: {
      id: saved.manifest.session.id,
      dryRun,
      export: saved.path,
      manifest: saved.manifestPath,
      place: saved.place,
      root,
      homeGone,
      folder,
      files,
      links,
      before: before.map(exportFacts),
      elsewhere,
      confirmed,
      transcript: hasTranscript(report),
      missing: missingIn(saved.manifest).map(({ source, why }) => ({ path: source, why })),
      resume,
      purgeAt: iso(purgeAt),
    },
    warnings,
  }
}
