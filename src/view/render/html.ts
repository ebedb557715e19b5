import { type Element, invisible, isKnownTag, isSafeAttribute, nameOfSign, type Tree } from "./tree.ts"

/** Elements without an end. */
const empty = new Set(["br", "hr", "img"])

/** The tree as HTML. Every text and every attribute goes through here: it is the only place that writes markup. */
export function printHtml(tree: Tree): string {
  return typeof tree === "string" ? escapeHtml(tree) : printElement(tree)
}

function printElement([tag, about, ...children]: Element): string {
  if (!isKnownTag(tag)) return children.map(printHtml).join("")
  let html = `<${tag}`
  for (const [name, value] of Object.entries(about)) {
    if (isSafeAttribute(name, value)) html += ` ${name}="${escapeAttribute(value)}"`
  }
  if (tag === "a") html += ' rel="noopener noreferrer"'
  html += ">"
  if (empty.has(tag)) return html
  for (const child of children) html += typeof child === "string" ? escapeHtml(child) : printElement(child)
  return `${html}</${tag}>`
}

/** Nothing but what can be seen: most text, and quickly told. */
const isPlain = /^[\n\t\x20-\x7e]*$/
const everyInvisible = new RegExp(invisible.source, "gu")

/** Text as HTML; signs that cannot be seen are named. */
export function escapeHtml(text: string): string {
  const safe = Bun.escapeHTML(text.toWellFormed()) // safety: escape-text
  if (isPlain.test(text)) return safe
  // safety: show-invisible
  return safe.replace(everyInvisible, (sign) => `<span class="sign">${nameOfSign(sign)}</span>`)
}

/** Text as the value of an attribute in double quotes. */
function escapeAttribute(text: string): string {
  return Bun.escapeHTML(text.toWellFormed()).replace(everyInvisible, nameOfSign) // safety: escape-attribute
}
