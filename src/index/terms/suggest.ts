import type { Database } from "../../system/sqlite/database.ts"
import { phrasesOf, type Query } from "../query/ast.ts"
import { Spelling } from "./spelling.ts"

/** Of a long query so many words are looked up, and so many offered. */
const mostWords = 20
const mostOffered = 10
/** To look for what is spelt alike takes some 20 ms for each word. */
const mostMisspelt = 3

/** For words of a query that no text holds: those of the index that are spelt most like them. */
export function nearestWords(database: Database, query: Query, most = 5): readonly string[] {
  const spelling = new Spelling(database)
  const words = [...new Set(phrasesOf(query).flatMap((phrase) => phrase.words))].slice(0, mostWords)
  const absent = words.filter((word) => !spelling.holds(word)).slice(0, mostMisspelt)
  const near = absent.flatMap((word) => {
    const alike = spelling.near(word, most).map((each) => each.word)
    return [...alike, ...spelling.goingOn(word, most)].slice(0, most)
  })
  return [...new Set(near)].slice(0, mostOffered)
}
