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
  if (tag === "time" && about.datetime !== undefined) return drawTime(about.datetime)
  const attributes = Object.fromEntries(
    Object.entries(about).filter(([name, value]) => isSafeAttribute(name, value)),
  )
  return h(tag, tag === "a" ? { ...attributes, rel: "noopener noreferrer" } : attributes, drawn)
}

/** In the time of the one who reads. */
function drawTime(at: string): ComponentChild {
  const time = new Date(at)
  const local = new Date(time.getTime() - time.getTimezoneOffset() * 60_000)
  return h("time", { datetime: at, title: at }, local.toISOString().slice(0, 19).replace("T", " "))
}

/** Signs that cannot be seen are named. */
function withSigns(text: string): ComponentChild {
  if (!invisible.test(text)) return text
  return text
    .split(everyInvisible)
    .map((piece, index) => (index % 2 === 0 ? piece : h("span", { class: "sign" }, nameOfSign(piece))))
}
