import type { SessionName } from "../../domain/session/naming.ts"
import type { NameMatch } from "./find-named.ts"

const kindNames: Record<SessionName["kind"], string> = {
  ...{ id: "its id", terminal: "its terminal", pid: "its pid", transcript: "its transcript" },
  ...{ pane: "its tmux pane", name: "its name", folder: "its folder", title: "its title" },
}

/** Describes the name that matched: `its title is "fix the login page"`. */
export function describeMatch({ name, kind }: NameMatch): string {
  const how = { exact: "is", beginning: "starts with", part: "contains" }[kind]
  return `${kindNames[name.kind]} ${how} "${name.value}"`
}
