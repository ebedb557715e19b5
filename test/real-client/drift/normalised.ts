/** Where this run took place: what differs from run to run and from machine to machine. */
export interface Place {
  readonly home: string
  readonly root: string
  readonly executable: string
  readonly version: string
}

const uuid = /[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}/gi

/** A path, or a word of a command line, with each name in place of what it names. */
export function normalised(text: string, { home, root, executable, version }: Place): string {
  const slug = (path: string) => path.replace(/[^A-Za-z0-9]/g, "-")
  const rooted = [
    [executable, "CLIENT"],
    [`${root}/bin/claude`, "CLIENT"],
    [home, "HOME"],
    [root, "ROOT"],
  ].reduce((all, [path = "", name = ""]) => (path ? all.replaceAll(path, name) : all), text)
  return rooted
    .replace(new RegExp(`${escaped(slug(root))}[A-Za-z0-9-]*`, "g"), "SLUG")
    .replace(/HOME\/(?:[^\s/]+\/)*node_modules\/\S+\/claude(?:\.exe)?/g, "CLIENT")
    .replaceAll(version, "VERSION")
    .replace(uuid, "ID")
    .replace(/\d{4}-\d\d-\d\d(?:[T_-]\d\d[:.-]?\d\d(?:[:.-]?\d\d)?(?:[.-]\d{3})?Z?)?/g, "TIME")
    .replace(/\b(toolu|msg|req|task)_\w+/g, "$1_ID")
    .replace(/(?<![A-Za-z0-9])(?=[a-f0-9]*\d)[a-f0-9]{16,}(?![A-Za-z0-9])/g, "HASH")
    .replace(/(?<![A-Za-z0-9])(?=[a-f0-9]*\d)[a-f0-9]{8}(?![A-Za-z0-9])/g, "SHORT")
    .replace(/(?<=_builtin-)[a-f0-9]+(?=\.)/g, "HASH")
    .replace(/(?<![A-Za-z0-9])a[a-f0-9]{16}(?![A-Za-z0-9])/g, "HASH")
    .replace(
      /(?<=\/(?:tool-results|tasks)\/)[a-z0-9]{9}(?=\.)|(?<=\/fswatch-probe-|snapshot-bash-\d+-)\w+/g,
      "RANDOM",
    )
    .replace(/(?<![A-Z])\d+/g, "N")
}

/** A word of a command line: what somebody said becomes TEXT. */
export function normalisedWord(word: string, place: Place): string {
  const shown = normalised(word, place)
  return /[\s{}"']/.test(shown) || shown.length > 120 ? "TEXT" : shown
}

/** A field's name; `*` where a name is data: a path, an id, a number, a model. */
export function fieldName(name: string): string {
  const isName = /^[A-Za-z_$][A-Za-z0-9_$]{0,48}(-[A-Za-z_]+)*$/.test(name)
  return isName && !/\d{3}|[0-9a-f]{8}/.test(name.replace(/[g-z]/gi, "~")) ? name : "*"
}

const escaped = (text: string) => text.replace(/[.*+?^${}()|[\]\\]/g, "\\$&")
