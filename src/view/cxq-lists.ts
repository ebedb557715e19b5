import type { CommandRun, Failure, IndexedPart, TouchedFile } from "../pipeline/ask-index.ts"
import { type AnswerView, lines, projectName, sessionName, speaker, when } from "./cxq-part.ts"
import type { Output } from "./output.ts"
import { fit, plain } from "./plain.ts"
import { count, sayAge, shortPath } from "./words.ts"

export function showCommands(runs: readonly CommandRun[], view: AnswerView, out: Output): void {
  const { paint } = out
  for (const { call, result } of runs) {
    const outcome =
      result === null ? paint.yellow("no result") : result.isError ? paint.red("FAILED") : paint.green("ok")
    out.print(
      `${outcome} ${paint.dim(`${when(call, view.now)} · ${projectName(call)} · ${sessionName(call)}`)}`,
    )
    for (const line of lines(call.command ?? call.text)) out.print(`  $ ${line}`)
    if (result !== null && (result.isError || view.format !== "brief")) printText(result, view, out)
  }
  close(count(runs.length, "command"), runs[0]?.call, out)
}

export function showFailures(failures: readonly Failure[], view: AnswerView, out: Output): void {
  const { paint } = out
  for (const { result, call, next } of failures) {
    out.print(paint.dim(`${when(result, view.now)} · ${projectName(result)} · ${sessionName(result)}`))
    if (call !== null) out.print(`  ${oneLine(call, out)}`)
    out.print(paint.red(`  failed: ${fit(plain(result.text.slice(0, 1000)), (out.columns ?? 240) - 10)}`))
    if (view.format !== "brief") printText(result, view, out)
    for (const each of next) out.print(`  then ${oneLine(each, out)}`)
  }
  close(count(failures.length, "failure"), failures[0]?.result, out)
}

export function showFiles(files: readonly TouchedFile[], view: AnswerView, out: Output): void {
  for (const { path, times, sessions, last, tools } of files) {
    const how = `${count(times, "time")} in ${count(sessions, "session")}, ${sayAge(last, view.now)}`
    out.print(`${plain(shortPath(path, view.home))}  ${out.paint.dim(`${how} · ${plain(tools.join(", "))}`)}`)
  }
  out.print(`${count(files.length, "file")}, the one touched last first.`)
  out.print("Next: session-rescue cxq NAME-OF-A-FILE   (what was said about it)")
}

function printText(part: IndexedPart, { format }: AnswerView, out: Output): void {
  const all = lines(part.text)
  const most = format === "brief" ? 5 : all.length
  for (const line of all.slice(0, most)) out.print(`  | ${line}`)
  if (all.length > most) out.print(`  | … ${all.length - most} more lines: --format full`)
}

function oneLine(part: IndexedPart, out: Output): string {
  return fit(`${speaker(part)}: ${plain(part.text.slice(0, 400))}`, (out.columns ?? 160) - 7)
}

function close(what: string, newest: IndexedPart | undefined, out: Output): void {
  out.print(`${what}, the newest first.`)
  if (newest !== undefined)
    out.print(`Next: session-rescue show ${newest.session.slice(0, 8)} --around ${newest.part}`)
}
