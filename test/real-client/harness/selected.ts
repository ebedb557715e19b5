import { type ClientVersion, clientVersion, inCi, versions } from "./versions.ts"

/** Which file of the package is started: the platform's binary, or npm's own entry (node_modules/.bin/claude). */
type Start = "native" | "npm"

export interface Started extends ClientVersion {
  readonly start: Start
  /** As a test's title says it. */
  readonly name: string
}

/**
 * What those words select: "all"; a version, through each of its entries; or VERSION:native, VERSION:npm. A Node
 * script has one entry only.
 */
export function selectedBy(words: string): Started[] {
  const wanted = words.split(/[ ,]+/).filter(Boolean)
  const each = wanted.flatMap((word) => (word === "all" ? versions.map(({ version }) => version) : [word]))
  const found = each.flatMap((word) => {
    const [, version, start] = /^(\d+\.\d+\.\d+)(?::(native|npm))?$/.exec(word) ?? []
    if (version === undefined)
      throw new Error(`"${word}" is no version of the client: say 2.1.332, 2.1.332:npm, or all`)
    const known = clientVersion(version)
    const entries: Start[] = known.ships === "script" ? ["npm"] : ["native", "npm"]
    return entries
      .filter((entry) => start === undefined || entry === start)
      .map((entry) => startOf(known, entry))
  })
  return [...new Map(found.map((one) => [one.name, one])).values()]
}

function startOf(known: ClientVersion, start: Start): Started {
  const name =
    start === "npm" && known.ships === "binary" ? `${known.version} as npm starts it` : known.version
  return { ...known, start, name }
}

/** Nobody named a version: CI, which has to be done in time. */
export const inBrief = !process.env.REAL_CLIENTS

/** Those that this run is asked to drive. */
export const selected = selectedBy(process.env.REAL_CLIENTS || inCi)
