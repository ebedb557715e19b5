import { shortId } from "../../domain/session/session-id.ts"
import { builtInDetectPlugins } from "../../pipeline/plugin-registry.ts"
import type { RunContext } from "../../pipeline/run-context.ts"
import { readEverySaved } from "../../rescue/catalog/every-agent.ts"
import type { MissingSession } from "../../sdk/contracts.ts"
import type { Paths } from "../../system/config/paths.ts"
import { advice, countNoun, type Finding } from "./finding.ts"

/** Sessions that an agent lists and has no file of any more: what is exported can be put back, prompts may be found. */
export function inspectLost(paths: Paths, ctx: RunContext): readonly Finding[] {
  const missing = builtInDetectPlugins().flatMap(({ agent, missingSessions }) =>
    (missingSessions?.(ctx) ?? []).map((each) => ({ ...each, agent })),
  )
  if (missing.length === 0) return []
  const saved = readEverySaved(paths)
  const restorable = missing.filter(({ id }) => saved.of(id).length > 0)
  const [first] = restorable.length > 0 ? restorable : missing
  if (first === undefined) return []
  const agents = [...new Set(missing.map(({ agent }) => agent))].join(", ")
  const what = `${countNoun(missing.length, "session")} that ${agents} lists ${missing.length === 1 ? "has" : "have"} no file any more`
  const copies = restorable.length === 0 ? "none of them is exported" : `${restorable.length} exported`
  return [
    advice(
      "lost",
      `${what}, such as ${describe(first)}: ${copies}`,
      restorable.length > 0
        ? `session-rescue restore ${shortId(first.id)}`
        : `session-rescue cxq --session ${shortId(first.id)}   (what the agent's history kept of it)`,
    ),
  ]
}

function describe({ id, title }: MissingSession): string {
  return title === null ? id : `${id} (${title.replace(/\s+/g, " ").slice(0, 60)})`
}
