/** `workspace.yaml`: what a session's folder says of itself. */

export interface Workspace {
  readonly cwd: string | null
  readonly branch: string | null
  /** Given by the user, or made from the conversation. */
  readonly title: string | null
}

export function readWorkspace(text: string | null): Workspace {
  const values = readYaml(text ?? "")
  return {
    cwd: values.get("cwd") ?? null,
    branch: values.get("branch") ?? null,
    title: values.get("name") ?? values.get("summary") ?? null,
  }
}

/** The texts at the top level, which is all that is needed: plain, quoted, or in lines of their own. */
function readYaml(text: string): ReadonlyMap<string, string> {
  const values = new Map<string, string>()
  let block: string | null = null
  for (const line of text.split("\n")) {
    const inner = /^[ \t]+(\S.*)$/.exec(line)?.[1]
    if (inner !== undefined && block !== null) values.set(block, `${values.get(block) ?? ""} ${inner}`.trim())
    const found = /^([A-Za-z_]\w*):[ \t]*(.*?)[ \t\r]*$/.exec(line)
    if (found === null) continue
    const [, key = "", value = ""] = found
    block = /^[|>][+-]?\d*$/.test(value) ? key : null
    const plain = block === null ? unquote(value) : ""
    if (plain !== "") values.set(key, plain)
  }
  return values
}

function unquote(value: string): string {
  if (/^'.*'$/.test(value)) return value.slice(1, -1).replaceAll("''", "'")
  if (!/^".*"$/.test(value)) return value === "null" || value === "~" ? "" : value
  try {
    return String(JSON.parse(value))
  } catch {
    return value.slice(1, -1)
  }
}
