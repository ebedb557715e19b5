import type { RestoreReport } from "../pipeline/restore-report.ts"
import type { SystemOutput } from "./output.ts"
import { plain } from "./plain.ts"
import { lineToPaste, nextStep, remarks, sayFiling, sayOutcomes } from "./restore-words.ts"
import { count, saySize, shortPath } from "./words.ts"

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
  const short = (path: string) => plain(shortPath(path, facts.home))
  const bytes = files.reduce((sum, file) => sum + file.bytes, 0)
  const wrote = files.some(({ outcome }) => outcome === "restored" || outcome === "replaced")
  const done = wrote ? "restored  " : "in place  "
  const word = facts.dryRun ? "dry run   " : report.confirmed ? done : "UNSURE    "
  const head = `${saved.manifest.session.id.slice(0, 8)} · ${saySize(bytes)} in ${count(files.length, "file")} · ${short(report.root)}`
  out.print(`${(report.confirmed ? paint.green : paint.yellow)(word)}${head}`)
  say(paint.dim(`from ${short(saved.path)}`))
  if (report.homeGone !== null)
    say(`its own home, ${short(report.homeGone)}, is gone: this one takes its place`)
  for (const line of sayFiling(report, short)) say(line)
  for (const line of sayOutcomes(files, facts.dryRun)) say(line)
  for (const { relative, why } of files)
    if (why !== null) say(paint.yellow(`not put back: ${plain(relative)}: ${plain(why)}`))
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
  const pasted = lineToPaste(report, facts)
  if (pasted !== null) out.exact(pasted)
}
