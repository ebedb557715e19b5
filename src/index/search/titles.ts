import { fold } from "../../domain/fold.ts"
import type { Database } from "../../system/sqlite/database.ts"
import { countOf } from "../matches/bm25.ts"
import type { Query } from "../query/ast.ts"
import { withoutHidden } from "../query/filters.ts"
import { tags } from "../store/filter-tags.ts"
import { isQuestion } from "../terms/questions.ts"
import { spaceCjkText } from "../text/tokenizer.ts"

export interface Titled {
  readonly session: number
  /** Folded as for comparisons. */
  readonly folded: string
}

/** Sessions with a matching word in the title that are examined, the newest first. */
const maxTitles = 5000
const ascii = /^[\x20-\x7e]+$/

export class Titles {
  readonly #database: Database

  constructor(database: Database) {
    this.#database = database
  }

  /** Sessions whose title may contain one of these words, the newest first. */
  holding(words: readonly string[]): readonly Titled[] {
    const plain = [...new Set(words)].filter((word) => ascii.test(word)).slice(0, 40)
    if (words.length === 0) return []
    // SQLite folds only the letters a to z: every title with another character is examined
    const like = [...plain.map(() => "title like ?"), "title glob '*[^ -~]*'"].join(" or ")
    return this.#database
      .query<{ session: number; title: string }, (string | number)[]>(
        `select id as session, title from session where title is not null and parts > 0 and (${like})
         order by last desc limit ?`,
      )
      .all(...plain.map((word) => `%${word}%`), maxTitles)
      .filter(({ title }) => !isQuestion(title, false))
      .map(({ session, title }) => ({ session, folded: foldTitle(title) }))
  }

  /** The part that represents a session found by title: the first matching text, else the first matching part. */
  firstPart(session: number, filters: readonly string[], range: { from: number; to: number }): number | null {
    const own = [`"${tags.session(session)}"`, ...filters].join(" AND ")
    const texts = tags
      .kinds("text")
      .map((tag) => `"${tag}"`)
      .join(" OR ")
    for (const match of [`${own} AND (${texts})`, own]) {
      const found = this.#database
        .query<{ id: number }, [string, number, number]>(
          `select part.id from search join part on part.id = search.rowid
           where search match ? and coalesce(part.time, 0) >= ? and coalesce(part.time, 0) < ? order by search.rowid limit 1`,
        )
        .get(withoutHidden(match), range.from, range.to)
      if (found !== null) return found.id
    }
    return null
  }
}

function foldTitle(title: string): string {
  return spaceCjkText(fold(title))
}

/** Whether a folded text matches a query; ignores the distance in NEAR. */
export function matchesText(query: Query, folded: string): boolean {
  switch (query.kind) {
    case "phrase":
      return countOf(query, folded) > 0
    case "near":
      return query.phrases.every((each) => matchesText(each, folded))
    case "any":
      return query.terms.some((each) => matchesText(each, folded))
    case "all":
      return (
        query.terms.every((each) => matchesText(each, folded)) &&
        !query.not.some((each) => matchesText(each, folded))
      )
  }
}
