import type { SinkPhrase, SinkQuery, SinkQuestion } from "session-rescue"

const maxHits = 10_000
/** The analyzer cuts a word there: here it is cut before, the same way in parts and in questions. */
const maxWordChars = 250

export function searchBody(question: SinkQuestion): object {
  const { query, limit } = question
  return {
    size: Math.min(limit, maxHits),
    track_total_hits: true,
    query: {
      bool: { filter: filtersOf(question), ...(query === null ? {} : { must: [queryOf(query)] }) },
    },
    sort: [{ _score: "desc" }, { time: { order: "desc", missing: "_last" } }, { session: "asc" }],
  }
}

/** Words as they are kept: separated by blanks, none longer than the analyzer takes. */
export function indexedWords(words: readonly string[]): string {
  return words.flatMap(piecesOf).join(" ")
}

function piecesOf(word: string): string[] {
  if (word.length <= maxWordChars) return [word]
  const letters = [...word]
  return Array.from({ length: Math.ceil(letters.length / (maxWordChars / 2)) }, (_, n) =>
    letters.slice((n * maxWordChars) / 2, ((n + 1) * maxWordChars) / 2).join(""),
  )
}

function queryOf(query: SinkQuery): object {
  switch (query.kind) {
    case "phrase":
      return phraseOf(query)
    case "near":
      return nearOf(query.phrases, query.distance)
    case "any":
      return { bool: { should: query.terms.map(queryOf), minimum_should_match: 1 } }
    case "all":
      return { bool: { must: query.terms.map(queryOf), must_not: query.not.map(queryOf) } }
  }
}

function phraseOf({ words, prefix }: SinkPhrase): object {
  const pieces = words.flatMap(piecesOf)
  const [only = ""] = pieces
  if (pieces.length === 1) return prefix ? { prefix: { words: only } } : { term: { words: only } }
  if (prefix) return spanOf({ words, prefix })
  return { match_phrase: { words: { query: pieces.join(" "), analyzer: "whitespace" } } }
}

/**
 * A phrase by its places. The words with a certain beginning are all of them, or the server says that there are too
 * many: `match_phrase_prefix` takes the first fifty and says nothing.
 */
function spanOf({ words, prefix }: SinkPhrase): object {
  const pieces = words.flatMap(piecesOf)
  const last = pieces.length - 1
  const clauses = pieces.map((word, n) =>
    prefix && n === last
      ? { span_multi: { match: { prefix: { words: word } } } }
      : { span_term: { words: word } },
  )
  return clauses.length === 1 ? (clauses[0] ?? {}) : { span_near: { clauses, slop: 0, in_order: true } }
}

/** At most `distance` words between the first phrase and the last, those of other phrases included. */
function nearOf(phrases: readonly SinkPhrase[], distance: number): object {
  const clauses = phrases.map(spanOf)
  if (clauses.length === 1) return clauses[0] ?? {}
  const lengths = phrases.map(({ words }) => words.flatMap(piecesOf).length).toSorted((a, b) => b - a)
  const between = lengths.slice(2).reduce((sum, length) => sum + length, 0)
  return { span_near: { clauses, slop: Math.max(0, distance - between), in_order: false } }
}

function filtersOf(question: SinkQuestion): object[] {
  const { owner, role, agent, tool, since, until, sessions, folders, folderText } = question
  const literal = (text: string) => text.replace(/[\\*?]/g, "\\$&")
  const holding = (field: string, text: string) => ({
    wildcard: { [field]: { value: `*${literal(text)}*`, case_insensitive: true } },
  })
  return [
    ...(owner === null ? [] : [{ term: { owner } }]),
    ...(role === null ? [] : [{ term: { role } }]),
    ...(agent === null ? [] : [holding("agent", agent)]),
    ...(tool === null ? [] : [{ term: { tool: { value: tool, case_insensitive: true } } }]),
    ...(since === null ? [] : [{ range: { time: { gte: since } } }]),
    ...(until === null ? [] : [{ range: { time: { lt: until } } }]),
    ...(sessions.length === 0 ? [] : [any(sessions.map((session) => ({ prefix: { session } })))]),
    ...(folderText === null ? [] : [holding("project", folderText)]),
    ...(folders.length === 0
      ? []
      : [any(folders.flatMap((project) => [{ term: { project } }, { prefix: { project: `${project}/` } }]))]),
  ]
}

function any(should: readonly object[]): object {
  return { bool: { should, minimum_should_match: 1 } }
}
