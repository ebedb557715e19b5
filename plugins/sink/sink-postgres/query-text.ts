import type { SinkPhrase, SinkQuery } from "session-rescue"

const maxPositions = 255
const maxPosition = 16_383
/** PostgreSQL refuses words of 2 KB. */
const maxWordLength = 500
const maxDistance = 30

/** The words of a text as PostgreSQL keeps them: made here, so that the server's language rules change nothing. */
export function vectorText(words: readonly string[]): string {
  const positions = new Map<string, number[]>()
  for (const [index, word] of words.slice(0, maxPosition).entries()) {
    if (word.length > maxWordLength) continue
    const known = positions.get(word)
    if (known === undefined) positions.set(word, [index + 1])
    else if (known.length < maxPositions) known.push(index + 1)
  }
  return [...positions].map(([word, at]) => `${quoted(word)}:${at.join()}`).join(" ")
}

export function queryText(query: SinkQuery): string {
  switch (query.kind) {
    case "phrase":
      return phraseText(query)
    case "near":
      return nearText(query.phrases, Math.min(query.distance, maxDistance))
    case "any":
      return `(${query.terms.map(queryText).join(" | ")})`
    case "all": {
      const not = query.not.map((each) => `!${queryText(each)}`)
      return `(${[...query.terms.map(queryText), ...not].join(" & ")})`
    }
  }
}

function phraseText({ words, prefix }: SinkPhrase): string {
  const last = words.length - 1
  const each = words.map((word, n) => quoted(word) + (prefix && n === last ? ":*" : ""))
  return `(${each.join(" <-> ")})`
}

/** Each phrase within the distance of the next one, in either order. */
function nearText(phrases: readonly SinkPhrase[], distance: number): string {
  const texts = phrases.map(phraseText)
  if (texts.length === 1) return texts[0] ?? ""
  const pairs = texts.slice(1).map((text, n) => {
    const other = texts[n] ?? ""
    const either = Array.from({ length: distance + 1 }, (_, k) => [
      `(${other} <${k + 1}> ${text})`,
      `(${text} <${k + 1}> ${other})`,
    ])
    return `(${either.flat().join(" | ")})`
  })
  return `(${pairs.join(" & ")})`
}

function quoted(word: string): string {
  return `'${word.replaceAll("\\", "\\\\").replaceAll("'", "''")}'`
}
