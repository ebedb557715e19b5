import { type DiskPath, showPath } from "../../domain/disk-path.ts"
import type { SessionId } from "../../domain/session/session-id.ts"
import { builtInDetectPlugins } from "../../pipeline/plugin-registry.ts"
import type { RunContext } from "../../pipeline/run-context.ts"
import type { ClassifiedSession, UnknownFile } from "../../sdk/contracts.ts"
import { advice, countNoun, type Finding, ok } from "./finding.ts"

/** Files that carry a session's id and are not understood, ids that want care, and homes that nobody looks into. */
export function inspectFiles(
  homes: readonly string[],
  sessions: readonly ClassifiedSession[],
  ctx: RunContext,
): readonly Finding[] {
  const seen = [...new Set([...homes, ...sessions.map(({ home }) => home)])]
  const there = new Set(sessions.flatMap(({ id, home }) => (id === null ? [] : [`${home}\0${id}`])))
  return [
    ...seen.flatMap((home) => inspectOddities(home, agentsOf(home, homes, sessions), there, ctx)),
    ...inspectCapitalIds(sessions),
    ...inspectOtherHomes(seen, ctx),
  ]
}

/** Whose home it is: an agent's own, or one in which sessions of it were found. */
function agentsOf(
  home: string,
  homes: readonly string[],
  sessions: readonly ClassifiedSession[],
): ReadonlySet<string> {
  const found = sessions.filter((session) => session.home === home).map(({ agent }) => agent)
  return new Set([...found, ...(homes.includes(home) ? ["claude-code"] : [])])
}

function inspectOddities(
  home: string,
  agents: ReadonlySet<string>,
  there: ReadonlySet<string>,
  ctx: RunContext,
): readonly Finding[] {
  const plugins = builtInDetectPlugins().filter(({ agent }) => agents.has(agent))
  const all = plugins.flatMap((plugin) => plugin.unknownFiles?.(home, ctx) ?? [])
  const [kept, left] = [true, false].map((wanted) =>
    all.filter(({ id }) => there.has(`${home}\0${id}`) === wanted),
  ) as [UnknownFile[], UnknownFile[]]
  return [
    ...(["copy", "unknown"] as const).flatMap((is) => {
      const those = kept.filter((each) => each.kind === is)
      if (those.length === 0) return []
      const what =
        is === "copy"
          ? "copies of session files made outside session-rescue"
          : "of a kind unknown to this version"
      return [ok("files", `${home}: ${formatNames(those)}, ${what}: saved with their sessions`)]
    }),
    ...(left.length === 0
      ? []
      : [
          advice(
            "files",
            `${home}: ${formatNames(left)} of ${countNoun(idsOf(left).size, "session")} that no longer ${idsOf(left).size === 1 ? "exists" : "exist"}: not part of any export`,
            "copy what you want to keep",
          ),
        ]),
  ]
}

function idsOf(unknown: readonly UnknownFile[]): ReadonlySet<SessionId> {
  return new Set(unknown.map(({ id }) => id))
}

/** `2 files (projects/-a/….jsonl.bak, …)`. */
function formatNames(unknown: readonly { readonly relative: DiskPath }[]): string {
  const shown = unknown.slice(0, 3).map(({ relative }) => showPath(relative))
  return `${countNoun(unknown.length, "name")} (${shown.join(", ")}${unknown.length > 3 ? ", …" : ""})`
}

function inspectCapitalIds(sessions: readonly ClassifiedSession[]): readonly Finding[] {
  const spelled = sessions.flatMap(({ id }) => (id !== null && id !== id.toLowerCase() ? [id] : []))
  const [first] = spelled
  if (first === undefined) return []
  return [
    ok(
      "files",
      `${countNoun(spelled.length, "session")} with an uppercase id (${first}): resume needs exactly this spelling`,
    ),
  ]
}

function inspectOtherHomes(seen: readonly string[], ctx: RunContext): readonly Finding[] {
  const known = new Set(seen.map((home) => ctx.files.real(home) ?? home))
  const others = builtInDetectPlugins()
    .flatMap((plugin) => plugin.otherHomes?.(ctx) ?? [])
    .filter((home) => !known.has(ctx.files.real(home) ?? home))
  if (others.length === 0) return []
  const says = `${countNoun(others.length, "home")} with sessions not searched: ${others.join(", ")}`
  const list = others.map((home) => JSON.stringify(home)).join(", ")
  return [advice("homes", says, `to search them too, add to the config file: homes = [${list}]`)]
}
