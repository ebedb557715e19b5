import type { Database } from "../../system/sqlite/database.ts"
import { phrasesOf, type Query } from "../query/ast.ts"
import { Spelling } from "./spelling.ts"

/** Bounds for a long query: words looked up, words suggested. */
const maxWords = 20
const maxSuggestions = 10
/** Similar words are searched for at most this many; each search takes about 20 ms. */
const maxMisspelt = 3

/** For words of a query that no text contains: the most similar words of the index. */
export function suggestWords(database: Database, query: Query, most = 5): readonly string[] {
  const spelling = new Spelling(database)
  const words = [...new Set(phrasesOf(query).flatMap((phrase) => phrase.words))].slice(0, maxWords)
  const absent = words.filter((word) => !spelling.occurs(word)).slice(0, maxMisspelt)
  const near = absent.flatMap((word) => {
    const alike = spelling.near(word, most).map((each) => each.word)
    return [...alike, ...spelling.completions(word, most)].slice(0, most)
  })
  return [...new Set(near)].slice(0, maxSuggestions)
}
