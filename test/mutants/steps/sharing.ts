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
    find: `  const safe = Bun.escapeHTML(isSeen ? text : text.toWellFormed()) // safety: escape-text\n`,
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

const guard = "test/unit/operations/serve/guard.test.ts"
const serve = "test/serve/serve.test.ts"
const inGuard = (name: string, find: string, replace: string): Mutant => ({
  ...{ name, file: "src/operations/serve/guard.ts", find, replace },
  tests: [guard],
})
const inTickets = (name: string, find: string, replace: string): Mutant => ({
  ...{ name, file: "src/operations/serve/tickets.ts", find, replace },
  tests: [guard],
})

/** Who may ask the page's server for what. */
export const serving: readonly Mutant[] = [
  inGuard(
    "token-once",
    "    this.#tokens = this.#tokens.filter((each) => each !== found) // safety: token-once\n",
    "",
  ),
  inGuard(
    "host-ours",
    `    // safety: host-ours\n    if (!this.#hosts.has(headers.get("host") ?? "")) return refuse(403, "unknown host")\n`,
    `    if (!headers.has("host")) return refuse(403, "unknown host")\n`,
  ),
  inGuard(
    "same-origin-fetch",
    `    // safety: same-origin-fetch\n    if (site !== null && site !== "same-origin") return refuse(403, "not from this page")\n`,
    `    if (site === "") return refuse(403, "not from this page")\n`,
  ),
  inGuard(
    "origin-ours",
    `    // safety: origin-ours\n    if (origin !== null && !this.#origins.has(origin)) return refuse(403, "unknown origin")\n`,
    `    if (origin === "") return refuse(403, "unknown origin")\n`,
  ),
  inGuard(
    "origin-required",
    `      if (origin === null) return refuse(403, "no origin") // safety: origin-required\n`,
    "",
  ),
  inGuard(
    "json-only",
    `      if (headers.get("content-type") !== "application/json") return refuse(415, "JSON only") // safety: json-only\n`,
    "",
  ),
  inGuard(
    "key-required",
    `    if (key === "") return refuse(401, "no key") // safety: key-required\n`,
    `    if (key === "") return null\n`,
  ),
  inGuard(
    "wrong-key",
    `    return locked ?? refuse(401, "no key") // safety: wrong-key\n`,
    `    return locked\n`,
  ),
  inGuard(
    "wrong-keys",
    `    return this.#isLocked() ? refuse(429, "too many wrong keys: wait a minute") : null // safety: wrong-keys\n`,
    `    return this.#isLocked() && this.#wrong.length < 0 ? refuse(429, "") : null\n`,
  ),
  inTickets(
    "ticket-once",
    "    this.#open = this.#open.filter((each) => each !== found) // safety: ticket-once\n",
    "",
  ),
  inTickets(
    "ticket-time",
    "    if (found === undefined || this.#now() - found.at > validMs) return null // safety: ticket-time\n",
    "    if (found === undefined || this.#now() - found.at > 1000 * validMs) return null\n",
  ),
  inTickets(
    "ticket-word",
    "    return isEqual(found.target.word, typed) ? found.target : null // safety: ticket-word\n",
    "    return isEqual(typed, typed) ? found.target : null\n",
  ),
  {
    name: "loopback-only",
    file: "src/system/net/http-server.ts",
    find: `      hostname: "127.0.0.1", // safety: loopback-only\n`,
    replace: `      hostname: "0.0.0.0",\n`,
    tests: [serve],
  },
  {
    name: "socket-folder",
    file: "src/system/net/http-server.ts",
    find: `  // safety: socket-folder\n  if (!isPrivateFolder(folder))\n`,
    replace: `  if (!isPrivateFolder(folder) && folder === "")\n`,
    tests: [serve],
  },
  {
    name: "answer-of-ours",
    file: "src/system/net/request.ts",
    find: `  // safety: answer-of-ours\n  if (!isPrivateFolder(dirname(path))) return null\n`,
    replace: ``,
    tests: ["test/serve/again.test.ts"],
  },
  {
    name: "page-policy",
    file: "src/operations/serve/headers.ts",
    find: `    "Content-Security-Policy": pagePolicy(nonce), // safety: page-policy\n`,
    replace: `    "X-Policy": pagePolicy(nonce),\n`,
    tests: [serve],
  },
  {
    name: "actions-allowed",
    file: "src/commands/serve/routes.ts",
    find: `    // safety: actions-allowed\n    if (actions === null) return jsonResponse({ why: "read only: start it with --allow-actions" }, 403)\n`,
    replace: `    if (actions === null) return jsonResponse({})\n`,
    tests: [serve],
  },
  {
    name: "no-flag",
    file: "src/commands/serve/actions.ts",
    find: `    // safety: no-flag\n    if (typeof id !== "string" || !/^[0-9A-Za-z][0-9A-Za-z_-]{3,79}$/.test(id))\n`,
    replace: `    if (typeof id !== "string" || !/^[0-9A-Za-z_-]{4,80}$/.test(id))\n`,
    tests: [serve],
  },
  {
    name: "dry-run-first",
    file: "src/commands/serve/actions.ts",
    find: `    // safety: dry-run-first\n    if (target === null || target.id !== id) return refused(409, "not confirmed in time: look first, again")\n`,
    replace: `    if (target !== null && target.id !== id) return refused(409, "")\n`,
    tests: [serve],
  },
  {
    name: "page-same-process",
    file: "src/commands/serve/actions.ts",
    find: `    // safety: page-same-process\n    if (now === null || now.pid !== target.pid || now.startMark !== target.startMark)\n`,
    replace: `    if (now === null || target.pid === 0)\n`,
    tests: [serve],
  },
  {
    name: "share-pack-unread",
    file: "src/operations/share/redact-file.ts",
    find: `    // safety: share-pack-unread
    if (value === undefined) counts.unread++`,
    replace: `    if (value === undefined) yield bytes`,
    tests: ["test/pack/share.test.ts"],
  },
  {
    name: "share-pack-values",
    file: "src/operations/share/redact-file.ts",
    find: `    redactText(key, document, at), // safety: share-pack-values`,
    replace: `    key,`,
    tests: ["test/pack/share.test.ts"],
  },
  {
    name: "share-pack-session",
    file: "src/operations/pack/share.ts",
    find: `    // safety: share-pack-session
    session: redactNames(session, redactor),`,
    replace: `    session,`,
    tests: ["test/pack/share.test.ts"],
  },
]
