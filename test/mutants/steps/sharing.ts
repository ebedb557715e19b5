/** What a transcript holds, on its way to a browser and to other people; and whose files a rendering may replace. */
import type { Mutant } from "../mutants.ts"

const hostile = "test/unit/view/render/hostile.test.ts"
const share = "test/render/share.test.ts"
const render = "test/render/render.test.ts"

export const sharing: readonly Mutant[] = [
  {
    name: "link-schemes",
    file: "src/view/render/tree.ts",
    find: `  if (name === "href") return links.some((pattern) => pattern.test(value)) // safety: link-schemes\n`,
    replace: `  if (name === "href") return true\n`,
    tests: [hostile],
  },
  {
    name: "picture-types",
    file: "src/view/render/tree.ts",
    find: `  if (name === "src") return picture.test(value) // safety: picture-types\n`,
    replace: `  if (name === "src") return true\n`,
    tests: [hostile],
  },
  {
    name: "no-own-links",
    file: "src/view/render/markdown-tree.ts",
    find: ` && /^(?:https?|mailto):/i.test(token.href) // safety: no-own-links\n`,
    replace: `\n`,
    tests: [hostile],
  },
  {
    name: "escape-text",
    file: "src/view/render/html.ts",
    find: `  const safe = Bun.escapeHTML(text.toWellFormed()) // safety: escape-text\n`,
    replace: `  const safe = text.toWellFormed()\n`,
    tests: [hostile],
  },
  {
    name: "show-invisible",
    file: "src/view/render/html.ts",
    find: `  // safety: show-invisible\n  return safe.replace(`,
    replace: `  return safe\n  return safe.replace(`,
    tests: [hostile],
  },
  {
    name: "escape-attribute",
    file: "src/view/render/html.ts",
    find: `  return Bun.escapeHTML(text.toWellFormed()).replace(everyInvisible, nameOfSign) // safety: escape-attribute\n`,
    replace: `  return text.toWellFormed().replace(everyInvisible, nameOfSign)\n`,
    tests: [hostile],
  },
  {
    name: "share-no-client",
    file: "src/operations/share/redactor.ts",
    find: `    // safety: share-no-client\n    if (!this.#keepsClientTexts && isByClient(item.part)) {`,
    replace: `    if (this.#clientTexts < 0) {`,
    tests: [share],
  },
  {
    name: "share-text",
    file: "src/operations/share/redactor.ts",
    find: `      text: this.#text(text), // safety: share-text\n`,
    replace: `      text,\n`,
    tests: [share],
  },
  {
    name: "share-command",
    file: "src/operations/share/redactor.ts",
    find: `{ command: this.#quietly(command) }), // safety: share-command\n`,
    replace: `{ command }),\n`,
    tests: [share],
  },
  {
    name: "share-edits",
    file: "src/operations/share/redactor.ts",
    find: `{ edits: () => shown }), // safety: share-edits\n`,
    replace: `edits === undefined ? {} : { edits }),\n`,
    tests: [share],
  },
  {
    name: "rendering-ours",
    file: "src/operations/render/rendering.ts",
    find: `    // safety: rendering-ours\n    if (isThere && readUnchanged(target) === null) throw taken(target)\n`,
    replace: `    readUnchanged(target)\n`,
    tests: [render],
  },
  {
    name: "list-ours",
    file: "src/operations/render/list-file.ts",
    find: `    // safety: list-ours\n    if (expected !== null && (!there?.isFile() || !isSealed(expected))) throw taken(path)\n`,
    replace: `    if (expected !== null) isSealed(expected)\n`,
    tests: [render],
  },
]
