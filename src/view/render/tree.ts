/** The small tree between a conversation and what shows it: an HTML file or the page. */

/** The only elements there are. */
export const treeTags = [
  ...["a", "article", "b", "blockquote", "br", "code", "del", "details", "div", "em", "footer", "h1", "h2"],
  ...["h3", "header", "hr", "img", "li", "main", "nav", "ol", "p", "pre", "section", "span", "strong"],
  ...["summary", "table", "tbody", "td", "th", "thead", "time", "tr", "ul"],
] as const
type Tag = (typeof treeTags)[number]

/** The only attributes there are; the printers check the values that a browser acts upon. */
export const treeAttributes = [
  ...["class", "id", "href", "src", "alt", "title", "datetime", "start", "open", "aria-label", "tabindex"],
  ...["lang", "data-place"],
] as const
type Attribute = (typeof treeAttributes)[number]

export type Tree = string | Element

/** An element as an array: short where it is sent as JSON. */
export type Element = readonly [Tag, Readonly<Partial<Record<Attribute, string>>>, ...Tree[]]

/** Its arguments are the element: a session has hundreds of thousands of them. */
export function element(...tree: Element): Element {
  return tree
}

/** Where a link may lead: to the network by these schemes, to a place of this page, to a file beside it. */
const links = [/^(?:https?:\/\/|mailto:)[!-~]+$/i, /^#[\w./=&-]*$/, /^(?:[\w-]+\/)?[\w-]+\.html(?:#[\w-]+)?$/]
/** Pictures are part of the file; SVG is not one: it is a document with scripts. */
const picture = /^data:image\/(?:png|jpeg|gif|webp);base64,[A-Za-z0-9+/]+={0,2}$/

const knownAttributes: ReadonlySet<string> = new Set(treeAttributes)

/** Whether a browser may get this value. */
export function isSafeAttribute(name: string, value: string): boolean {
  if (name === "href") return links.some((pattern) => pattern.test(value)) // safety: link-schemes
  if (name === "src") return picture.test(value) // safety: picture-types
  return knownAttributes.has(name)
}

const knownTags: ReadonlySet<string> = new Set(treeTags)

export function isKnownTag(tag: string): boolean {
  return knownTags.has(tag)
}

/**
 * Signs that are not seen, or that change the order of what is: the line that ran may be another than the one that is
 * read. Line breaks and tabs are not among them.
 */
export const invisible =
  /[\u0000-\u0008\u000b-\u001f\u007f-\u009f\u00ad\u061c\u115f\u1160\u180e\u200b-\u200f\u2028-\u202e\u2060-\u206f\u3164\ufeff\uffa0\ufff9-\ufffb]|[\u{e0000}-\u{e007f}]/u

export function nameOfSign(sign: string): string {
  return `U+${(sign.codePointAt(0) ?? 0).toString(16).toUpperCase().padStart(4, "0")}`
}
