import type { Database } from "../system/database.ts"
import { phrasesOf } from "./query-match.ts"
import type { Query } from "./query-tree.ts"

const mostLooked = 20_000
/** Of a long query so many words are looked at, and so many offered. */
const mostWords = 20
const mostOffered = 10

/** For words of a query that no text holds: those of the index that are spelt most like them. */
export function nearestWords(database: Database, query: Query, most = 5): readonly string[] {
  const words = new Set(phrasesOf(query).flatMap((phrase) => phrase.words))
  const near = [...words].slice(0, mostWords).flatMap((word) => {
    return exists(database, word) ? [] : similar(database, word, most)
  })
  return [...new Set(near)].slice(0, mostOffered)
}

function exists(database: Database, word: string): boolean {
  return database.query("select 1 from words where words match ? limit 1").get(`"${word}"`) !== null
}

/** Words that begin alike, by the number of letters that differ. */
function similar(database: Database, word: string, most: number): string[] {
  const beginning = word.slice(0, word.length > 4 ? 2 : 1)
  const known = database
    .query<{ term: string; doc: number }, [string, string, number]>(
      "select term, doc from vocabulary where term >= ? and term < ? limit ?",
    )
    .all(beginning, `${beginning}\u{10FFFF}`, mostLooked)
  const allowed = Math.max(1, Math.floor(word.length / 3))
  return known
    .map(({ term, doc }) => ({ term, doc, steps: term.startsWith(word) ? 1 : distance(word, term, allowed) }))
    .filter(({ steps }) => steps <= allowed)
    .sort((a, b) => a.steps - b.steps || b.doc - a.doc)
    .slice(0, most)
    .map(({ term }) => term)
}

/** Levenshtein's, with two letters in the wrong order as one step; beyond `allowed` any larger number. */
function distance(a: string, b: string, allowed: number): number {
  if (Math.abs(a.length - b.length) > allowed) return allowed + 1
  let before: number[] = []
  let row = Array.from({ length: b.length + 1 }, (_, index) => index)
  for (let i = 1; i <= a.length; i++) {
    const next = [i]
    for (let j = 1; j <= b.length; j++) {
      const replaced = (row[j - 1] ?? 0) + (a[i - 1] === b[j - 1] ? 0 : 1)
      let least = Math.min(replaced, (row[j] ?? 0) + 1, (next[j - 1] ?? 0) + 1)
      if (i > 1 && j > 1 && a[i - 1] === b[j - 2] && a[i - 2] === b[j - 1]) {
        least = Math.min(least, (before[j - 2] ?? 0) + 1)
      }
      next.push(least)
    }
    before = row
    row = next
  }
  return row[b.length] ?? 0
}
