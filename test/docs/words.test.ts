/** Plain present-day English: words of another register do not come back into comments, texts and pages (STYLE.md). */
import { expect, test } from "bun:test"
import ts from "typescript"
import { textOf as sourceOf, sources } from "../layout/sources.ts"
import { pages, textOf } from "./markdown.ts"

/** Each with what to write instead, and how many are left: that number only becomes smaller. */
const words: readonly (readonly [word: string, instead: string, left: number])[] = [
  ["mend(s|ed|ing)?", "fix", 1],
  ["anew", "again", 2],
  ["aright", "correctly", 0],
  ["heed(s|ed|ing)?", "note, respect", 0],
  ["whoever", "the person who", 0],
  ["for ever", "forever, or a limit", 0],
  ["so many|so much", "at most N, every N", 0],
  ["(be|is|are) had", "is available", 0],
  ["let(s|ting)? go of", "release", 0],
  ["told apart|tells? apart|telling apart", "distinguish", 0],
  ["lies? (at|in|below|there|beside|elsewhere)", "is in", 0],
  ["stands? (at|in|below|there|beside)", "is in", 1],
  ["meanwhile", "in the meantime, since then", 2],
  ["farewell|goodbye", "clean exit", 0],
  ["deaf", "ignores", 0],
  ["by hand", "yourself, manual", 0],
  ["cannot be told", "is unknown", 0],
  ["nothing fits", "no matches", 0],
  ["(is|are) no longer here", "no longer exists", 0],
  ["(?<!there )(is|are) none", "is missing, is not valid", 0],
  [
    "(?<!there )(is|be) no (object|list|folder|name|path|file|terminal|agent|session|transcript|option|plugin)",
    "is not a",
    0,
  ],
  ["taken away|takes? away|took away", "remove", 0],
  ["(goes|going|go) on without", "continue without", 0],
  ["strangers?", "foreign, unlisted, other users", 0],
  ["guests?", "worker, foreign records", 0],
  ["crew", "worker pool", 0],
  ["nobody's", "unowned", 0],
  ["was made (of|it)", "was made from", 0],
  ["at work", "running, working", 1],
]

const left = (text: string, word: string) => [...text.matchAll(new RegExp(`\\b(?:${word})\\b`, "gi"))].length

/** Comments and literal texts of a source. */
function proseOf(file: string): string {
  const text = sourceOf(file)
  const source = ts.createSourceFile(file, text, ts.ScriptTarget.Latest, true)
  const prose: string[] = [...text.matchAll(/\/\*[\s\S]*?\*\/|(?<=^|\s)\/\/.*/gm)].map(([comment]) => comment)
  const visit = (node: ts.Node): void => {
    if (ts.isStringLiteralLike(node) || ts.isTemplateHead(node) || ts.isTemplateMiddleOrTemplateTail(node))
      prose.push(node.text)
    ts.forEachChild(node, visit)
  }
  visit(source)
  return prose.join("\n").replace(/\s*\n\s*(\*\s|\/\/\s)?/g, " ")
}

const prose = new Map<string, string>([
  ...sources.map((file) => [file, proseOf(file)] as const),
  ...pages
    .filter((page) => page !== "STYLE.md")
    .map((page) => [page, textOf(page).replace(/\s+/g, " ")] as const),
])

test.each(words)('"%s" is written as "%s" (left: %d)', (word, _, limit) => {
  const places = [...prose].filter(([, text]) => left(text, word) > 0).map(([file]) => file)
  const count = [...prose.values()].reduce((sum, text) => sum + left(text, word), 0)
  if (count > limit) expect([count, places]).toEqual([limit, []])
})

test("a word is seen in a sentence, and not inside of a longer one", () => {
  expect(left("It is mended anew.", "mend(s|ed|ing)?")).toBe(1)
  expect(left("amend, mendable", "mend(s|ed|ing)?")).toBe(0)
})
