import { shortId } from "../../domain/session/session-id.ts"
import type { CommandRun, Failure, IndexedPart, TouchedFile } from "../../operations/search/search.ts"
import { count, formatAge, shortPath } from "../terminal/format.ts"
import type { Output } from "../terminal/output.ts"
import { fitColumns, lines, sanitize } from "../terminal/sanitize.ts"
import { type AnswerView, countFitting, formatPartTime, projectName, sessionName, speaker } from "./part.ts"

export function showCommands(runs: readonly CommandRun[], view: AnswerView, out: Output): void {
  const { paint } = out
  const entries = runs.map(({ call, result }) => {
    const outcome =
      result === null ? paint.yellow("no result") : result.isError ? paint.red("FAILED") : paint.green("ok")
    return [
      `${outcome} ${paint.dim(`${formatPartTime(call, view.now)} · ${projectName(call)} · ${sessionName(call)}`)}`,
      ...lines(call.command ?? call.text).map((line) => `  $ ${line}`),
      ...(result !== null && (result.isError || view.format !== "brief") ? textOf(result, view) : []),
    ]
  })
  close(print(entries, view, out), runs.length, "command", runs[0]?.call, out)
}

export function showFailures(failures: readonly Failure[], view: AnswerView, out: Output): void {
  const { paint } = out
  const entries = failures.map(({ result, call, next }) => [
    paint.dim(`${formatPartTime(result, view.now)} · ${projectName(result)} · ${sessionName(result)}`),
    ...(call === null ? [] : [`  ${oneLine(call, out)}`]),
    paint.red(`  failed: ${fitColumns(sanitize(result.text.slice(0, 1000)), (out.columns ?? 240) - 10)}`),
    ...(view.format === "brief" ? [] : textOf(result, view)),
    ...next.map((each) => `  then ${oneLine(each, out)}`),
  ])
  close(print(entries, view, out), failures.length, "failure", failures[0]?.result, out)
}

export function showFiles(files: readonly TouchedFile[], view: AnswerView, out: Output): void {
  const entries = files.map(({ path, times, sessions, last, tools }) => {
    const how = `${count(times, "time")} in ${count(sessions, "session")}, ${formatAge(last, view.now)}`
    return [
      `${sanitize(shortPath(path, view.home))}  ${out.paint.dim(`${how} · ${sanitize(tools.join(", "))}`)}`,
    ]
  })
  out.print(`${said(print(entries, view, out), files.length, "file")}, last touched first.`)
  out.print("Next: session-rescue cxq NAME-OF-A-FILE   (what was said about it)")
}

/** Returns the number of entries printed. */
function print(entries: readonly (readonly string[])[], { maxTokens }: AnswerView, out: Output): number {
  const texts = entries.map((entry) => entry.join("\n"))
  const shown = texts.slice(0, countFitting(texts, maxTokens))
  for (const text of shown) out.print(text)
  return shown.length
}

function textOf(part: IndexedPart, { format }: AnswerView): string[] {
  const all = lines(part.text)
  const most = format === "brief" ? 5 : all.length
  return [
    ...all.slice(0, most).map((line) => `  | ${line}`),
    ...(all.length > most ? [`  | … ${all.length - most} more lines: --format full`] : []),
  ]
}

function oneLine(part: IndexedPart, out: Output): string {
  return fitColumns(`${speaker(part)}: ${sanitize(part.text.slice(0, 400))}`, (out.columns ?? 160) - 7)
}

function said(shown: number, all: number, what: string): string {
  return shown === all ? count(all, what) : `${shown} of ${count(all, what)}`
}

function close(shown: number, all: number, what: string, newest: IndexedPart | undefined, out: Output): void {
  out.print(`${said(shown, all, what)}, newest first.`)
  if (newest !== undefined)
    out.print(`Next: session-rescue show ${shortId(newest.session)} --around ${newest.part}`)
}
