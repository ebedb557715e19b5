import type { Database } from "../../system/sqlite/database.ts"
import { phrasesOf, type Query } from "../query/ast.ts"
import { Spelling } from "./spelling.ts"

/** Of a long query so many words are looked up, and so many offered. */
const maxWords = 20
const maxSuggestions = 10
/** To look for what is spelt alike takes some 20 ms for each word. */
const maxMisspelt = 3

/** For words of a query that no text holds: those of the index that are spelt most like them. */
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
