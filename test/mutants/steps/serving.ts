/** Who may ask the page's server for what. */
import type { Mutant } from "../mutants.ts"

const guard = "test/unit/operations/serve/guard.test.ts"
const serve = "test/serve/serve.test.ts"
const inGuard = (name: string, find: string, replace: string): Mutant => ({
  ...{ name, file: "src/operations/serve/guard.ts", find, replace },
  tests: [guard],
})
const inTickets = (name: string, find: string, replace: string): Mutant => ({
  ...{ name, file: "src/operations/serve/kill-tickets.ts", find, replace },
  tests: [guard],
})

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
    find: `  // safety: socket-folder\n  if (!isPrivate)\n`,
    replace: `  if (!isPrivate && folder === "")\n`,
    tests: [serve],
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
]
