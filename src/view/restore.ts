import type { RestoredFile, RestoreReport } from "../pipeline/restore-report.ts"
import { exportFacts, iso, schemaVersion } from "./json.ts"
import type { Output } from "./output.ts"
import { plain } from "./plain.ts"
import { count, sayPurge, saySize, shortPath } from "./words.ts"

export interface RestoreFacts {
  readonly dryRun: boolean
  readonly home: string
  readonly now: number
}

const margin = " ".repeat(10)

export function showRestore(report: RestoreReport, facts: RestoreFacts, out: Output): void {
  const { saved, files, links } = report
  const { paint } = out
  const say = (line: string) => out.print(margin + line)
  const short = (path: string) => plain(shortPath(path, facts.home))
  const bytes = files.reduce((sum, file) => sum + file.bytes, 0)
  const wrote = files.some(({ outcome }) => outcome === "restored" || outcome === "replaced")
  const done = wrote ? "restored  " : "in place  "
  const word = facts.dryRun ? "would     " : report.confirmed ? done : "UNSURE    "
  const head = `${saved.manifest.session.id.slice(0, 8)} · ${saySize(bytes)} in ${count(files.length, "file")} · ${short(report.root)}`
  out.print(`${(report.confirmed ? paint.green : paint.yellow)(word)}${head}`)
  say(paint.dim(`from ${short(saved.path)}`))
  if (report.homeGone !== null)
    say(`its own home, ${short(report.homeGone)}, is gone: this one takes its place`)
  for (const line of sayOutcomes(files, facts.dryRun)) say(line)
  for (const { path } of report.before) if (path !== null) say(`saved first: ${short(path)}`)
  for (const link of links) {
    if (link.outcome === "left out")
      say(
        paint.yellow(
          `link not made: ${plain(link.relative)} → ${plain(link.leadsTo)}: ${plain(link.why ?? "")}`,
        ),
      )
  }
  for (const line of remarks(report, facts)) say(line)
  for (const line of nextStep(report, facts)) out.print(line)
}

const words: Record<RestoredFile["outcome"], readonly [done: string, planned: string]> = {
  restored: [
    "put back and read again: equal to the manifest",
    "would be put back (the export was read: it is whole)",
  ],
  replaced: [
    "replaced; what stood there was saved first",
    "would be replaced, after what stands there is saved",
  ],
  equal: ["there already, equal: left alone", "there already, equal: left alone"],
  "holds more": [
    "there already, and going on after these bytes: left alone (--force replaces, saved first)",
    "there already, and going on after these bytes: left alone (--force replaces, saved first)",
  ],
}

function sayOutcomes(files: readonly RestoredFile[], dryRun: boolean): string[] {
  return (Object.keys(words) as RestoredFile["outcome"][]).flatMap((outcome) => {
    const number = files.filter((file) => file.outcome === outcome).length
    return number === 0 ? [] : [`${count(number, "file")} ${words[outcome][dryRun ? 1 : 0]}`]
  })
}

function remarks(report: RestoreReport, { dryRun, now }: RestoreFacts): string[] {
  const lines: string[] = []
  const wrote = report.files.some(({ outcome }) => outcome === "restored" || outcome === "replaced")
  if (!dryRun && wrote && report.resume !== null)
    lines.push("they carry today's date, so that the client's cleaning does not take them at once")
  if (report.purgeAt !== null)
    lines.push(`an equal file was left as old as it is: ${sayPurge(report.purgeAt, now)}`)
  if (!report.confirmed) lines.push("a folder could not be flushed: it may not survive a power cut")
  if (!hasTranscript(report)) lines.push("the export holds parts only, no transcript: it cannot be resumed")
  return lines
}

function hasTranscript({ saved }: RestoreReport): boolean {
  return saved.manifest.files.some(({ role }) => role === "transcript")
}

/** The last line is the one to paste. */
function nextStep({ resume, root }: RestoreReport, { dryRun, home }: RestoreFacts): string[] {
  if (dryRun) return ["Nothing was done. Next: the same without --dry-run"]
  if (resume === null) return [`Next: ls -R ${plain(shortPath(root, home))}`]
  if (resume.command === null)
    return [
      `It cannot be resumed as it is: ${plain(resume.reason ?? "")}`,
      "Next: session-rescue --status --all",
    ]
  return ["Next, paste this line:", plain(resume.command)]
}

export function restoreDocument(report: RestoreReport, dryRun: boolean, warnings: readonly string[]) {
  const { saved, root, homeGone, files, links, before, confirmed, resume, purgeAt } = report
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
      files,
      links,
      before: before.map(exportFacts),
      confirmed,
      transcript: hasTranscript(report),
      resume,
      purgeAt: iso(purgeAt),
    },
    warnings,
  }
}
