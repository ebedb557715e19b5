import { missingIn } from "../../domain/export/manifest.ts"
import { shortId } from "../../domain/session/session-id.ts"
import { singleQuote } from "../../domain/shell-quote.ts"
import type { RestoredFile, RestoreReport } from "../../operations/restore/report.ts"
import { count, describePurge, formatSize, shortPath } from "../terminal/format.ts"
import { exportFacts, iso, schemaVersion } from "../terminal/json.ts"
import { nextForReal } from "../terminal/next-step.ts"
import type { Output, SystemOutput } from "../terminal/output.ts"
import { sanitize } from "../terminal/sanitize.ts"
import { formatSessionLine } from "../terminal/session-line.ts"

export interface RestoreFacts {
  readonly dryRun: boolean
  readonly home: string
  readonly now: number
  /** The path of the export, too. */
  readonly verbose?: boolean
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
  const line = {
    label: (report.confirmed ? paint.green : paint.yellow)(word),
    id: shortId(saved.manifest.session.id) ?? "no id",
    title: saved.manifest.session.title,
    facts: [`${formatSize(bytes)} in ${count(files.length, "file")}`, short(report.root)],
  }
  out.print(formatSessionLine(line, out.columns))
  if (facts.verbose || facts.dryRun) say(paint.dim(`from ${short(saved.path)}`))
  if (report.homeGone !== null)
    say(`its original home, ${short(report.homeGone)}, no longer exists: using this one`)
  for (const line of describeNewFolder(report, short)) say(line)
  for (const line of describeOutcomes(files, facts.dryRun)) say(line)
  for (const line of describeRows(files, facts.dryRun, short)) say(line)
  for (const { relative, why } of files)
    if (why !== null) say(paint.yellow(`not restored: ${sanitize(relative)}: ${sanitize(why)}`))
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
  for (const line of restoreNextStep(report, facts, out)) out.print(line)
  const pasted = commandToPaste(report, facts)
  if (pasted !== null) out.exact(pasted)
}

const outcomeText: Record<RestoredFile["outcome"], readonly [done: string, planned: string]> = {
  restored: [
    "restored and verified against the manifest",
    "would be restored (the export was read and is complete)",
  ],
  replaced: [
    "replaced; the existing files were saved first",
    "would be replaced, after the existing files are saved",
  ],
  equal: ["already there and equal: unchanged", "already there and equal: unchanged"],
  "existing-is-longer": [
    "already there, with more at its end: unchanged (--force saves, then replaces)",
    "already there, with more at its end: unchanged (--force saves, then replaces)",
  ],
  skipped: ["not restored", "would not be restored"],
}

function describeOutcomes(files: readonly RestoredFile[], dryRun: boolean): string[] {
  return (Object.keys(outcomeText) as RestoredFile["outcome"][]).flatMap((outcome) => {
    const number = files.filter((file) => file.outcome === outcome && file.rows === undefined).length
    return number === 0 ? [] : [`${count(number, "file")} ${outcomeText[outcome][dryRun ? 1 : 0]}`]
  })
}

const rowsText: Partial<Record<RestoredFile["outcome"], readonly [done: string, planned: string]>> = {
  restored: [
    "put into that database, none over one that was there; each was read again",
    "would be put into that database, none over one that is there (the export was read and is complete)",
  ],
  equal: ["already there and equal: unchanged", "already there and equal: unchanged"],
  "existing-is-longer": [
    "already there, and the session went on since: unchanged",
    "already there, and the session went on since: unchanged",
  ],
}

function describeRows(
  files: readonly RestoredFile[],
  dryRun: boolean,
  short: (path: string) => string,
): string[] {
  return files.flatMap(({ rows, outcome, path }) =>
    rows === undefined
      ? []
      : [`${short(path)}: ${count(rows, "row")} ${rowsText[outcome]?.[dryRun ? 1 : 0] ?? outcome}`],
  )
}

/** Where it is now, where it was, and that nothing was removed there. */
function describeNewFolder(
  { saved, folder, elsewhere }: RestoreReport,
  short: (path: string) => string,
): string[] {
  const { cwd } = saved.manifest.session
  const before = cwd === null ? "" : `; its records still name ${sanitize(cwd)}`
  return [
    ...(folder === null ? [] : [`filed under ${short(folder)}${before}`]),
    ...elsewhere.map((path) => `also there, unchanged: ${short(path)}`),
  ]
}

function restoreRemarks(report: RestoreReport, { dryRun, now }: RestoreFacts): string[] {
  const lines: string[] = []
  const wrote = report.files.some(
    ({ outcome, rows }) => rows === undefined && (outcome === "restored" || outcome === "replaced"),
  )
  if (!dryRun && wrote && report.resume !== null)
    lines.push(
      report.saved.manifest.session.agent === "claude-code"
        ? "they are dated today, so that the client's cleanup does not delete them at once"
        : "they are dated today",
    )
  if (report.purgeAt !== null)
    lines.push(`an equal file keeps its old date: ${describePurge(report.purgeAt, now)}`)
  if (!report.confirmed)
    lines.push("a folder could not be flushed: this may not survive a power cut; the export is unchanged")
  const [first, ...more] = missingIn(report.saved.manifest)
  if (first !== undefined) {
    const others = more.length === 0 ? "" : ` and ${more.length} more`
    lines.push(
      `the export is incomplete: it lacks ${sanitize(first.relative)}${others} (${sanitize(first.why)})`,
    )
  }
  if (!hasTranscript(report)) lines.push("the export has no transcript: it cannot be resumed")
  return lines
}

function hasTranscript({ saved }: RestoreReport): boolean {
  return saved.manifest.files.some(({ role }) => role === "transcript")
}

function restoreNextStep({ resume }: RestoreReport, { dryRun }: RestoreFacts, out: Output): string[] {
  if (dryRun) return ["Nothing was changed.", nextForReal(out)]
  if (resume === null) return []
  if (resume.command === null)
    return [
      `It cannot be resumed: ${sanitize(resume.reason ?? "")}`,
      ...(resume.rehome === null ? ["Next: session-rescue --status --all"] : ["Next, paste this command:"]),
    ]
  return [...(resume.note === null ? [] : [sanitize(resume.note)]), "Next, paste this command:"]
}

/** The last line; it has to come out as it is, also where the terminal shows no Unicode. */
function commandToPaste({ resume, root }: RestoreReport, { dryRun }: RestoreFacts): string | null {
  if (dryRun) return null
  if (resume === null) return sanitize(`Next: ls -R ${singleQuote(root)}`)
  const pasted = resume.command ?? resume.rehome
  return pasted === null ? null : sanitize(pasted)
}

export function restoreDocument(report: RestoreReport, dryRun: boolean, warnings: readonly string[]) {
  return { schemaVersion, restore: restoreFacts(report, dryRun), warnings }
}

export function restoreFacts(report: RestoreReport, dryRun: boolean) {
  const { saved, root, homeGone, folder, files, links, before, elsewhere, confirmed, resume, purgeAt } =
    report
  return {
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
  }
}
