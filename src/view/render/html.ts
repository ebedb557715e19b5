import { type Element, invisible, isKnownTag, isSafeAttribute, nameOfSign, type Tree } from "./tree.ts"

/** Elements without an end. */
const empty = new Set(["br", "hr", "img"])

/** The tree as HTML. Every text and every attribute goes through here: it is the only place that writes markup. */
export function printHtml(tree: Tree): string {
  return typeof tree === "string" ? escapeHtml(tree) : printElement(tree)
}

/** Loops by index: destructuring tens of thousands of small arrays takes a third of the time of rendering them. */
function printElement(tree: Element): string {
  const [tag, about] = tree
  const isKnown = isKnownTag(tag)
  let html = isKnown
    ? `<${tag}${printAttributes(about)}${tag === "a" ? ' rel="noopener noreferrer">' : ">"}`
    : ""
  if (empty.has(tag)) return html
  for (let at = 2; at < tree.length; at++) html += printHtml(tree[at] as Tree)
  return isKnown ? `${html}</${tag}>` : html
}

function printAttributes(about: Element[1]): string {
  let html = ""
  for (const name in about) {
    const value = about[name as keyof typeof about]
    if (value !== undefined && isSafeAttribute(name, value)) html += ` ${name}="${escapeAttribute(value)}"`
  }
  return html
}

/** Nothing but what can be seen: most text, and quickly told. */
const isPlain = /^[\n\t\x20-\x7e]*$/
/** Nothing that has a meaning in markup either: most attributes. */
const isWord = /^[\w .:#/-]*$/
const everyInvisible = new RegExp(invisible.source, "gu")

/** Text as HTML; signs that cannot be seen are named. */
export function escapeHtml(text: string): string {
  const isSeen = isPlain.test(text)
  const safe = Bun.escapeHTML(isSeen ? text : text.toWellFormed()) // safety: escape-text
  if (isSeen) return safe
  // safety: show-invisible
  return safe.replace(everyInvisible, (sign) => `<span class="sign">${nameOfSign(sign)}</span>`)
}

/** Text as the value of an attribute in double quotes. */
function escapeAttribute(text: string): string {
  if (isWord.test(text)) return text
  return Bun.escapeHTML(text.toWellFormed()).replace(everyInvisible, nameOfSign) // safety: escape-attribute
}
