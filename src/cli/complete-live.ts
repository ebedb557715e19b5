import { openEnvironment } from "../commands/framework/environment.ts"
import { parseExportName } from "../domain/export/export.ts"
import type { FoundSession } from "../domain/session/session.ts"
import { shortId } from "../domain/session/session-id.ts"
import { describeCaller } from "../operations/kill/caller.ts"
import { findLeftovers } from "../operations/reap/find.ts"
import { detectAll } from "../pipeline/detect.ts"
import { newestFirst } from "../pipeline/scan.ts"
import { readConfig } from "../system/config/config.ts"
import { exportFoldersAmong, systemPaths } from "../system/config/paths.ts"
import { listDirOrEmpty } from "../system/fs/list-dir.ts"
import type { Suggestion } from "../view/setup/completions.ts"
import { formatAge, formatSize } from "../view/terminal/format.ts"

const maxSuggestions = 100

/** Terminals and ids of what is there now; transcripts are not read, so that it takes no longer than a key press. */
export async function sessionNames(
  given: readonly string[],
  runningOnly: boolean,
): Promise<readonly Suggestion[]> {
  const { ctx } = await openEnvironment(parsedWith(given), new AbortController().signal)
  const found = newestFirst(await detectAll(ctx, null))
  const running = found.filter((each) => each.process !== null)
  const others = runningOnly ? [] : found.filter((each) => each.process === null)
  return [...running, ...others].slice(0, maxSuggestions).flatMap((each) => suggestionsFor(each, ctx.now))
}

/** What `reap` would list, but for what it never ends. */
export async function leftoverPids(): Promise<readonly Suggestion[]> {
  const { ctx } = await openEnvironment(parsedWith([]), new AbortController().signal)
  const { leftovers } = await findLeftovers(await detectAll(ctx, null), ctx, await describeCaller(ctx))
  return leftovers.flatMap(({ process, standing, command }) =>
    standing === "kept" ? [] : { word: String(process.pid), about: command },
  )
}

function suggestionsFor(found: FoundSession, now: number): readonly Suggestion[] {
  const { process: live, id, transcriptSize, modifiedAt } = found
  const age = `${formatSize(transcriptSize)}, ${formatAge(modifiedAt, now)}`
  const about = live === null ? `not running, ${age}` : `running (pid ${live.pid}), ${age}`
  const terminal = live?.terminal ?? null
  const names = [terminal, shortId(id) ?? null, live !== null && terminal === null ? String(live.pid) : null]
  return names.flatMap((word) => (word === null ? [] : [{ word, about }]))
}

/** Ids of sessions that have an export, pending or archived. */
export function savedIds(given: readonly string[]): readonly Suggestion[] {
  const paths = systemPaths(dataFolder(given), readConfig(() => {}).dataFolder)
  const folders = exportFoldersAmong(listDirOrEmpty(paths.data), paths.data).flatMap(
    ({ pending, archive }) => [pending, archive],
  )
  const names = folders.flatMap(listDirOrEmpty)
  const newest = new Map<string, string>()
  for (const name of names.toSorted()) {
    const parsed = parseExportName(name.slice(0, name.indexOf(".")))
    if (parsed !== null) newest.set(shortId(parsed.id), `saved ${parsed.timestamp}`)
  }
  return [...newest].map(([word, about]) => ({ word, about })).slice(-maxSuggestions)
}

/** Of the agents that have sessions here. */
export async function agentNames(): Promise<readonly string[]> {
  const { ctx } = await openEnvironment(parsedWith([]), new AbortController().signal)
  return [...new Set((await detectAll(ctx, null)).map(({ agent }) => agent))]
}

function parsedWith(given: readonly string[]) {
  const folder = dataFolder(given)
  return { flags: new Map(folder === null ? [] : [["data-dir", folder] as const]), names: [] }
}

function dataFolder(given: readonly string[]): string | null {
  const at = given.indexOf("--data-dir")
  const inline = given.find((word) => word.startsWith("--data-dir="))
  return (at === -1 ? inline?.slice("--data-dir=".length) : given[at + 1]) || null
}
