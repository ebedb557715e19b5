import { RescueError } from "../../domain/errors.ts"
import { type Filters, parseQuery, phrasesOf, type Snippet, snippetOf } from "../../index/index.ts"
import type { SinkAnswer } from "../../sdk/contracts.ts"
import type { TeamIndex } from "./sink.ts"

/** A part that the team's index has found. */
type TeamHit = SinkAnswer["hits"][number] & { readonly snippet: Snippet }

export interface TeamAnswer {
  readonly place: string
  readonly owner: string
  readonly hits: readonly TeamHit[]
  readonly total: number
}

export async function askTeam(
  sink: TeamIndex,
  question: {
    readonly query: string
    readonly filters: Filters
    readonly owner: string | null
    readonly limit: number
  },
): Promise<TeamAnswer> {
  const query = parseQuery(question.query)
  if (query === null && question.query !== "")
    throw new RescueError(
      "NOTHING_FOUND",
      `no matches for "${question.query}"`,
      "the query contains no searchable characters",
    )
  const { session, project, role, agent, tool, since, until } = question.filters
  const { hits, total } = await sink.search({
    ...{ query, owner: question.owner, limit: question.limit },
    sessions: session === undefined ? [] : [session].flat(),
    folders: project?.folders ?? [],
    folderText: project?.text ?? null,
    ...{ role: role ?? null, agent: agent ?? null, tool: tool ?? null },
    ...{ since: since ?? null, until: until ?? null },
  })
  const phrases = query === null ? [] : phrasesOf(query)
  return {
    ...{ place: sink.place, owner: sink.owner, total },
    hits: hits.map((hit) => ({ ...hit, snippet: snippetOf(hit.text, phrases) })),
  }
}
