/** What is known to be plain words is not parsed: it becomes what the parser would have made. */
import { expect, test } from "bun:test"
import { Marked } from "marked"
import { printHtml } from "../../../../src/view/render/html.ts"
import { markdownTree } from "../../../../src/view/render/markdown-tree.ts"
import { seeded } from "../../../fixtures/talk/random.ts"

const marked = new Marked({ gfm: true, breaks: true })

/** Elements and words, without attributes, what only we have, and spaces beside an element. */
const shape = (html: string) =>
  html
    .replaceAll("&#x27;", "&#39;")
    .replace(/<(\/?)([a-z]+)[^>]*>/g, "<$1$2>")
    .replace(/<(\/?)h[1-6]>/g, "<$1h>")
    .replace(/<\/?(?:div|tbody)>/g, "")
    .replace(/\s*(<[^>]*>)\s*/g, "$1")
    .replace(/\s+/g, " ")
    .trim()

const pieces = [
  ..."word Another 12 a_b _x x_ __ . 1. 2) ( ) ! ? ' \" www. www.example.com http://a.b src/a.ts".split(" "),
  ..."a:b 10% $x {y} c# and,so ; : = == - --- # * > |".split(" "),
  ...[
    " ",
    " ",
    "  ",
    "    ",
    "\n",
    "\n",
    "\n\n",
    "\n\n\n",
    " \n",
    "  \n",
    "\n  ",
    "\n    ",
    "=\n",
    "\n===\n",
    "\n---\n",
  ],
]

test("words, lines, paragraphs, numbers, underlines, almost a list, almost a heading, almost a link", () => {
  const random = seeded(22)
  for (let round = 0; round < 20_000; round++) {
    const some = Array.from({ length: random.between(1, 9) }, () => random.pick(pieces as [string]))
    const text = some.join("")
    const expected = shape(marked.parser(marked.lexer(text)))
    expect([text, shape(markdownTree(text).map(printHtml).join(""))]).toEqual([text, expected])
  }
})
