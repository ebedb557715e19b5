import { ambiguousName } from "../../domain/errors.ts"
import { type MatchKind, matchName, type SessionName } from "../../domain/session/naming.ts"
import { shortId } from "../../domain/session/session-id.ts"
import type { CatalogEntry } from "../../rescue/catalog/catalog.ts"
import type { Paths } from "../../system/config/paths.ts"
import { parseName } from "./parse-typed.ts"

type Saved = Extract<CatalogEntry, { kind: "export" }>

/**
 * The exports of the one session with this title, folder or transcript; throws when several sessions match.
 */
export function findExportsByName(
  name: string,
  all: readonly CatalogEntry[],
  paths: Paths,
  {
    verb,
    fits = ["exact", "beginning", "part"],
  }: { readonly verb: string; readonly fits?: readonly MatchKind[] },
): readonly CatalogEntry[] {
  const typed = parseName(name, { paths })
  const saved = all.flatMap((entry) => (entry.kind === "export" ? [entry] : []))
  const fitting = saved.map((entry) => ({
    entry,
    fits: namesOf(entry).map((each) => matchName(typed, each)),
  }))
  for (const fit of fits) {
    const those = fitting.filter((each) => each.fits.includes(fit)).map(({ entry }) => entry)
    if (those.length > 0) return requireOneSession(name, those, verb)
  }
  return []
}

function namesOf({ saved }: Saved): readonly SessionName[] {
  const { title, cwd, transcript } = saved.manifest.session
  return [
    ...(title === null ? [] : [{ kind: "title", value: title } as const]),
    ...(cwd === null ? [] : [{ kind: "folder", value: cwd } as const]),
    ...(transcript === null ? [] : [{ kind: "transcript", value: transcript } as const]),
  ]
}

/**
 * Several exports of one session are returned together; several sessions are an error that lists a command
 * for each.
 */
export function requireOneSession<T extends CatalogEntry>(
  name: string,
  fits: readonly T[],
  verb: string,
): readonly T[] {
  const byId = Map.groupBy(fits, ({ id }) => id)
  if (byId.size < 2) return fits
  const lines = [...byId].map(([id, entries]) => {
    const named = entries.find((entry) => entry.kind === "export")
    const session = named?.kind === "export" ? named.saved.manifest.session : null
    const facts = [session?.title ?? null, session?.cwd ?? null, id].filter((fact) => fact !== null)
    const short = shortId(id) ?? ""
    const alone = [...byId.keys()].filter((other) => other?.startsWith(short)).length === 1
    return `  session-rescue ${verb} ${alone ? short : id}   ${facts.join(" · ")}`
  })
  throw ambiguousName(name, byId.size, lines, "run one of these commands")
}
