import { type ComponentChild, Fragment, h, type VNode } from "preact"
import { invisible, isKnownTag, isSafeAttribute, nameOfSign, type Tree } from "../../view/render/tree.ts"

const everyInvisible = new RegExp(`(${invisible.source})`, "gu")

/** A tree as elements: each is made by name, and no text is ever markup. */
export function DrawnTree({ tree }: { tree: Tree }): VNode {
  return h(Fragment, null, draw(tree))
}

function draw(tree: Tree): ComponentChild {
  if (typeof tree === "string") return withSigns(tree)
  const [tag, about, ...children] = tree
  const drawn = children.map(draw)
  if (!isKnownTag(tag)) return h("span", null, drawn)
  const attributes = Object.fromEntries(
    Object.entries(about).filter(([name, value]) => isSafeAttribute(name, value)),
  )
  return h(tag, tag === "a" ? { ...attributes, rel: "noopener noreferrer" } : attributes, drawn)
}

/** Signs that cannot be seen are named. */
function withSigns(text: string): ComponentChild {
  if (!invisible.test(text)) return text
  return text
    .split(everyInvisible)
    .map((piece, index) => (index % 2 === 0 ? piece : h("span", { class: "sign" }, nameOfSign(piece))))
}
